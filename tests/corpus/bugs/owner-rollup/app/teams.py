"""Who belongs to which team."""


def members_of(team: str, members: list[dict]) -> list[str]:
    return [row["mail"] for row in members if row["team"] == team and row["active"]]
