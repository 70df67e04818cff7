"""Routes of event replays: events of the archive, sent to one install again."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import ReplayId, TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.event_replay import EventReplay, EventReplayRequest
from interlock.control.events import event_replay


@route("POST", "/v1/tenants/<tenant>/replays", "event_replays.create", action="redriveEvents", status=202)
def create_event_replay(
    tenant: TenantId, request: Annotated[EventReplayRequest, Body()], caller: CurrentCaller
) -> EventReplay:
    """Begin to replay events to an install, or count them without sending one.

    The same request with the same key answers the replay that has begun already.
    """
    return event_replay.request_event_replay(contexts.replays(), tenant, request, caller.principal)


@route("GET", "/v1/tenants/<tenant>/replays/<replay>", "event_replays.get", action="readEvents")
def get_event_replay(tenant: TenantId, replay: ReplayId) -> EventReplay:
    """Show an event replay and its progress."""
    return event_replay.show_event_replay(contexts.replays(), tenant, replay)
