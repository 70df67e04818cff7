"""Classes of columns."""

from interlock import step


@step
def list_columns(value: dict) -> dict:
    return {"columns": [{"table": value["table"], **column} for column in value["columns"]]}


@step
def classify(value: dict) -> dict:
    kind = (value["type"] or "text").lower()
    tag = "time" if kind.startswith("timestamp") else "number" if kind in ("int", "float") else "text"
    return {"column": f"{value['table']}.{value['name']}", "tag": tag}


@step
def write(value: list) -> dict:
    return {"written": len(value)}
