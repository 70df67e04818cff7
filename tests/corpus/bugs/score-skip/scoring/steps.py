"""Scores and stores."""

from interlock import step
from scoring.model import weighted


@step
def score(value: dict) -> dict:
    return {"name": value["name"], "score": weighted(value)}


@step
def store(value: dict) -> dict:
    return {"stored": [value["name"], value["score"]]}
