"""Scores assets."""

from interlock import step
from scores.decorators import counted
from scores.model import score


@step
@counted
def score_assets(value: dict) -> dict:
    return {"scores": [score(asset) for asset in value["assets"]]}
