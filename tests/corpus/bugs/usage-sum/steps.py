"""Popularity of tables."""

from interlock import step


@step
def queries(value: dict) -> dict:
    rows = [{"user": row["user"], "count": row["count"]} for row in value["log"]]
    return {"table": value["table"], "rows": rows}


@step
def popularity(value: dict) -> dict:
    return {"table": value["table"], "stars": min(5, value["total"] // 10)}
