"""The events of a tenant's bus.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.logged_event import EventList, EventSent, NewEvent


class EventsResource:
    """The events of a tenant's bus."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, since: str | None = None) -> EventList:
        """List the recent events of a tenant's bus, oldest first."""
        return EventList.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/events", query={"since": since})
        )

    def send(self, tenant: str, body: NewEvent, *, key: str = "") -> EventSent:
        """Send an event to a tenant's bus."""
        return EventSent.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/events", body, key=key)
        )
