"""Owners of batches of assets."""

from interlock import step

PEOPLE = {"u1": "Ada", "u2": "Bo", "u3": "Cy"}


@step
def batches(value: dict) -> dict:
    size = value["batch"]
    assets = value["assets"]
    return {"batches": [assets[at : at + size] for at in range(0, len(assets), size)]}


@step
def resolve(value: dict) -> dict:
    return {"number": value["number"], "owners": [asset["owner"].split(":")[-1] for asset in value["batch"]]}


@step
def names(value: dict) -> dict:
    return {"number": value["number"], "names": [PEOPLE[owner] for owner in value["owners"]]}
