"""A tenant's alert: the webhook that is notified when a run fails.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.alert import Alert, AlertUrl, Delivery, NewAlert


class AlertsResource:
    """A tenant's alert: the webhook that is notified when a run fails."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def delete(self, tenant: str) -> Alert:
        """Stop notifying the webhook of failed runs."""
        return Alert.model_validate_json(self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/alert"))

    def get(self, tenant: str) -> Alert:
        """Show the webhook that is notified of failed runs."""
        return Alert.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/alert"))

    def set(self, tenant: str, body: AlertUrl, *, key: str = "") -> NewAlert:
        """Set the webhook that is notified of failed runs.

        Its signing secret is in this answer and in no other.
        """
        return NewAlert.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/alert", body, key=key)
        )

    def test(self, tenant: str, *, key: str = "") -> Delivery:
        """Send a test message to the webhook now, and show its answer."""
        return Delivery.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/alert:test", {}, key=key)
        )
