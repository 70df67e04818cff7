"""Freshness of assets."""

from interlock import step
from sla.rules import late


@step
def collect(value: dict) -> dict:
    return {"rows": [row for row in value["rows"] if row["watched"]]}


@step
def judge(value: dict) -> dict:
    return {"late": [row["name"] for row in value["rows"] if late(row)]}
