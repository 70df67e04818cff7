"""Routes of a tenant's alert: the webhook that is notified when a run fails."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.alert import Alert, AlertUrl, Delivery, NewAlert
from interlock.control.webhooks import alerts

ALERT = "/v1/tenants/<tenant>/alert"


@route("GET", ALERT, "alerts.get", action="setAlert")
def get_alert(tenant: TenantId) -> Alert:
    """Show the webhook that is notified of failed runs."""
    return alerts.read_alert(contexts.alerts(), tenant)


@route("POST", ALERT, "alerts.set", action="setAlert", status=201)
def set_alert(tenant: TenantId, alert: Annotated[AlertUrl, Body()], caller: CurrentCaller) -> NewAlert:
    """Set the webhook that is notified of failed runs.

    Its signing secret is in this answer and in no other.
    """
    return alerts.set_alert(contexts.alerts(), tenant, alert.url, caller.principal)


@route("DELETE", ALERT, "alerts.delete", action="setAlert")
def delete_alert(tenant: TenantId) -> Alert:
    """Stop notifying the webhook of failed runs."""
    return alerts.remove_alert(contexts.alerts(), tenant)


@route("POST", f"{ALERT}:test", "alerts.test", action="setAlert")
def test_alert(tenant: TenantId) -> Delivery:
    """Send a test message to the webhook now, and show its answer."""
    return alerts.try_alert(contexts.alerts(), tenant)
