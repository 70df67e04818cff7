"""Completeness against a domain's threshold."""

from interlock import step


@step
def domain(value: dict) -> dict:
    return {"name": value["domain"], "limits": {"completeness": 0.9, "freshness_h": 24}}


@step
def measure(value: dict) -> dict:
    rows = value["rows"]
    full = sum(all(cell is not None for cell in row) for row in rows)
    return {"table": value["table"], "complete": full / len(rows)}


@step
def judge(value: dict) -> dict:
    return {"table": value["table"], "warn": value["complete"] < value["threshold"]}
