"""Unused tables."""

from interlock import step


@step
def usage(value: dict) -> dict:
    days = value["days_unused"]
    return {"table": value["table"], "archived": days > 365, "days": days, "owner": value["owner"]}


@step
def restore_plan(value: dict) -> dict:
    bucket, _, path = value["location"].partition("/")
    return {"bucket": bucket, "path": path}


@step
def ask_owner(value: dict) -> dict:
    return {"asked": value["owner"]}
