"""The route of a tenant's schedules."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, caller, registry, runs
from interlock.control.schedules import list_schedules


@app.get("/v1/tenants/<tenant>/schedules")
def schedules(tenant: str) -> Response[str]:
    """The schedules of the tenant's installs, with what became of their last times."""
    caller("readInstalls", f"tenant/{tenant}")
    return ok(list_schedules(registry(), runs(), tenant))
