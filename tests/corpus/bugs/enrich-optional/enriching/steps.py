"""Enriches and publishes."""

from enriching.people import steward
from interlock import step


@step
def enrich(value: dict) -> dict:
    return value | {"steward": steward(value["domain"])}


@step
def shorten(value: dict) -> dict:
    return value | {"name": value["name"][:8]}


@step
def publish(value: dict) -> dict:
    return {"line": f"{value['name']} of {value['steward']}"}
