"""Alerts: where a tenant wants to be told of failed runs."""

from interlock.contract.core.base import Document, Moment, TenantId
from interlock.contract.core.names import PREFIX

SECRET_PREFIX = "whsec_"
"""Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""


ALERTS_AT_ONCE = 3
"""Of a tenant, of ALERTERS (ADR 0027)."""
ALERTERS = 10
"""Alerts of all tenants that are sent at the same time, each in a call of its own."""
DEFER_SECONDS = (5, 30)
"""What an alert waits for one of its tenant's places."""


class Alert(Document):
    """A tenant's webhook."""

    tenant: TenantId
    url: str
    set_by: str = ""
    set_at: Moment


class NewAlert(Document):
    """A webhook that was just set, with its signing secret, which is shown this once."""

    alert: Alert
    secret: str


class Delivery(Document):
    """How a webhook answered."""

    status: int
    """The HTTP status."""
    duration_ms: float
    answer: str = ""
    """The beginning of what it said."""
    retry_after: int = 0
    """The seconds that it asks to wait before the next try (`Retry-After`)."""

    @property
    def ok(self) -> bool:
        """Whether it took the message."""
        return 200 <= self.status < 300


class AlertUrl(Document):
    """Where a tenant's alerts are sent."""

    url: str


def alert_secret(tenant: str) -> str:
    """The name of a tenant's signing secret in Secrets Manager."""
    return f"{PREFIX}/{tenant}/alert"
