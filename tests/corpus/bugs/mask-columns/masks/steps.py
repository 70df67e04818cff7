"""Masks by class."""

from interlock import step

MASKS = {"public": "none", "personal": "hash", "secret": "null"}


@step
def tables(value: dict) -> dict:
    return {"tables": [table for table in value["tables"] if table["columns"]]}


@step
def mask(value: dict) -> dict:
    return {"column": value["name"], "mask": MASKS[value["class"]]}
