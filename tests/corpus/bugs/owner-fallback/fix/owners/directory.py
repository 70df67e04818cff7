"""Who leads a team."""

PEOPLE = {"crm": {"lead": "ada"}, "sales": {"lead": "cy"}, "data": {"lead": "bo"}}


def lead(team: str) -> str:
    return PEOPLE[team]["lead"]
