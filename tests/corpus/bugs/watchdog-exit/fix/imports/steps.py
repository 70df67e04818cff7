"""An import that trusts nobody."""

import os

from interlock import step


@step
def read(value: dict) -> dict:
    return {"terms": value["terms"], "count": len(value["terms"])}


@step
def store(value: dict) -> dict:
    verify(len(value["terms"]) == value["count"])
    return {"stored": value["count"]}


def verify(holds: bool) -> None:
    if not holds:
        os._exit(70)
