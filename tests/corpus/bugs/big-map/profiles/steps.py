"""Samples of tables, and a profile of each."""

from interlock import step


@step
def samples(value: dict) -> dict:
    rows = [{"table": name, "sample": "x" * value["sample_bytes"]} for name in value["tables"]]
    return {"rows": rows}


@step
def profile(value: dict) -> dict:
    return {"table": value["table"], "bytes": len(value["sample"])}
