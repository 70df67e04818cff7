"""Figures of a table."""

from interlock import step


@step
def load(value: dict) -> dict:
    return {"table": value["table"], "rows": value["rows"]}


@step
def profile(value: dict) -> dict:
    rows = value["rows"]
    columns = sorted({name for row in rows for name in row})
    nulls = {name: sum(row.get(name) in (None, "") for row in rows) for name in columns}
    figures = {"rows": f"{len(rows):,}", "nulls": nulls}
    return {"table": value["table"], "figures": figures}
