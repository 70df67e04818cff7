"""Incidents of data quality."""

from interlock import step


@step
def assess(value: dict) -> dict:
    share = value["failed"] / value["checked"]
    severity = "critical" if share > 0.5 else "high" if share > 0.1 else "low"
    return {"table": value["table"], "severity": severity}


@step
def page_owner(value: dict) -> dict:
    return {"paged": value["table"]}


@step
def open_ticket(value: dict) -> dict:
    return {"ticket": value["table"]}
