"""Scores of a table."""

from interlock import step


@step
def rate(value: dict) -> dict:
    figures = value["figures"]
    total = figures["rows"]
    scores = {name: 1 - count / total for name, count in figures["nulls"].items()}
    return {"table": value["table"], "scores": scores}
