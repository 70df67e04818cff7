"""Counts assets by team and says how many one person looks after."""

from interlock import step

from .teams import members_of


@step
def collect(value: dict) -> dict:
    assets = [asset for asset in value["assets"] if asset["status"] != "deprecated"]
    return {"assets": assets, "teams": sorted({asset["team"] for asset in assets}), "members": value["members"]}


@step
def roll_up(value: dict) -> dict:
    rows = []
    for team in value["teams"]:
        owned = [asset["name"] for asset in value["assets"] if asset["team"] == team]
        rows.append({"team": team, "assets": len(owned), "each": load(team, owned, value["members"])})
    return {"rows": rows}


def load(team: str, owned: list[str], members: list[dict]) -> float:
    people = members_of(team, members)
    return len(owned) / len(people)
