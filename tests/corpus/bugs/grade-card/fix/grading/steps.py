"""Grades assets."""

from interlock import step


@step
def grade(value: dict) -> dict:
    share = value["filled"] / max(value["total"], 1)
    return {"name": value["name"], "grade": "a" if share > 0.9 else "b"}


@step
def card(value: dict) -> dict:
    return {"text": f"{value['name']}: {value['grade'].upper()}"}
