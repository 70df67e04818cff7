"""Routes of a tenant's events."""

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import TenantId
from functions.api.routing import route
from interlock.contract.core.base import now
from interlock.contract.logged_event import EventList, EventSent, NewEvent
from interlock.control.events import events

RECENT = timedelta(minutes=10)
Since = Annotated[
    str, Query(description="From this time on, in RFC 3339; the last 10 minutes without it.", examples=[""])
]


@route("GET", "/v1/tenants/<tenant>/events", "events.list", action="readEvents")
def list_events(tenant: TenantId, since: Since = "") -> EventList:
    """List the recent events of a tenant's bus, oldest first."""
    begin = since or now(-RECENT)
    return EventList(events=tuple(events.recent_events(contexts.event_log(), tenant, begin)))


@route("POST", "/v1/tenants/<tenant>/events", "events.send", action="sendEvents", status=202)
def send_event(tenant: TenantId, event: Annotated[NewEvent, Body()]) -> EventSent:
    """Send an event to a tenant's bus."""
    return EventSent(id=events.send_event(contexts.registry().tenant(tenant).id, event.name, event.data))
