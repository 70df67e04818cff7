"""Sorts findings."""

from interlock import step

from .model import Finding


@step
def order(value: dict) -> dict:
    rows = [Finding(row["severity"], row["asset"]) for row in value["findings"]]
    ordered = sorted(rows, reverse=True)
    return {"assets": [row.asset for row in ordered]}
