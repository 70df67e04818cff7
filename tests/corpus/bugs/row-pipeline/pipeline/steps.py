"""Sums rows."""

from interlock import step
from pipeline.parse import counts
from pipeline.window import windows


@step
def sum_rows(value: dict) -> dict:
    return {"sums": [sum(window) for window in windows(counts(value["rows"]), 2)]}
