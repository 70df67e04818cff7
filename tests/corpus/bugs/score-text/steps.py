"""Grades of tables."""

from interlock import step


@step
def grade(value: dict) -> dict:
    missing = sum(not column.get("description") for column in value["columns"])
    score = "n/a" if not value["columns"] else str(round(1 - missing / len(value["columns"]), 2))
    return {"table": value["table"], "score": score}


@step
def keep(value: dict) -> dict:
    return {"kept": value["score"]}
