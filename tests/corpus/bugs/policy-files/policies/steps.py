"""Reads policies."""

from interlock import step
from policies.files import policy


@step
def parse(value: dict) -> dict:
    return {"policies": [policy(text) for text in value["files"]]}
