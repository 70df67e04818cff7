"""The route of a tenant's schedules."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, caller, number, registry, runs, word
from interlock.control.events.schedules import PAGE, list_schedules


@app.get("/v1/tenants/<tenant>/schedules")
def schedules(tenant: str) -> Response[str]:
    """The schedules of a page of the tenant's installs, with what became of their last times and what comes next."""
    caller("readInstalls", f"tenant/{tenant}")
    return ok(list_schedules(registry(), runs(), tenant, min(number("limit", PAGE), PAGE), word("cursor") or None))
