"""Asks the inventory."""

from interlock import step
from inventory.ask import tables


@step
def ask(value: dict) -> dict:
    return {"tables": [name for region in value["regions"] for name in tables(region, value["prefix"])]}
