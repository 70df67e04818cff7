"""Routes of a tenant's alert."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, registry, settings
from interlock.contract.alert import AlertUrl
from interlock.control.webhooks.alerts import Alerts, read_alert, remove_alert, set_alert, try_alert


def alerts() -> Alerts:
    """What alerts work with."""
    return Alerts(registry=registry(), loopback=settings().loopback_alerts)


@app.get("/v1/tenants/<tenant>/alert")
def shown(tenant: str) -> Response[str]:
    """The webhook that is told of failed runs."""
    caller("setAlert", f"tenant/{tenant}")
    return ok(read_alert(alerts(), tenant))


@app.post("/v1/tenants/<tenant>/alert")
def given(tenant: str) -> Response[str]:
    """Set the webhook; the answer holds its signing secret, this once."""
    by = caller("setAlert", f"tenant/{tenant}")
    return ok(set_alert(alerts(), tenant, AlertUrl.model_validate_json(body()).url, by.principal), 201)


@app.delete("/v1/tenants/<tenant>/alert")
def removed(tenant: str) -> Response[str]:
    """Tell the webhook no more."""
    caller("setAlert", f"tenant/{tenant}")
    return ok(remove_alert(alerts(), tenant))


@app.post("/v1/tenants/<tenant>/alert:test")
def tried(tenant: str) -> Response[str]:
    """Send a test message now; how the webhook answered."""
    caller("setAlert", f"tenant/{tenant}")
    return ok(try_alert(alerts(), tenant))
