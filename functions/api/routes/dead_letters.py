"""Routes of dead letters: starts that did not become runs, of a tenant, of an app, and of the platform itself."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import AppName, Cursor, DeadLetterId, Limit, PublisherId, TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.core.page import PageRequest
from interlock.contract.dead_letter import (
    NO_TENANT,
    BulkRedriven,
    BulkRedriveRequest,
    DeadLetter,
    DeadPage,
    DeadState,
    DeadView,
    Redriven,
)
from interlock.control.events import bulk_redrive, dead_letters

TENANT = "/v1/tenants/<tenant>/dead"
PLATFORM = "/v1/dead"
COUNT = {"code": "event.install-absent", "count_only": True}
State = Annotated[DeadState, Query(description="The state of the dead letters.")]
OfInstall = Annotated[str, Query(description="Only dead letters of this install.")]


@route("GET", TENANT, "dead_letters.list", action="readEvents")
def list_dead_letters(
    tenant: TenantId,
    state: State = DeadState.DEAD,
    install: OfInstall = "",
    limit: Limit = dead_letters.PAGE,
    cursor: Cursor = None,
) -> DeadPage:
    """List the dead letters of a tenant, or of one install, newest first."""
    return dead_letters.list_dead(contexts.redrives(), tenant, state, PageRequest(limit, cursor), install)


@route("GET", f"{TENANT}/<letter>", "dead_letters.get", action="readEvents")
def get_dead_letter(tenant: TenantId, letter: DeadLetterId) -> DeadView:
    """Show a dead letter with its payload, and the run that it became after a redrive."""
    return dead_letters.show_dead(contexts.redrives(), tenant, letter)


@route("POST", f"{TENANT}/<letter>/redrive", "dead_letters.redrive", action="redriveEvents", status=202)
def redrive_dead_letter(tenant: TenantId, letter: DeadLetterId, caller: CurrentCaller) -> Redriven:
    """Put a start back on the queue, with the ids that it had."""
    return dead_letters.redrive_dead(contexts.redrives(), tenant, letter, caller.principal)


@route("POST", f"{TENANT}:redrive", "dead_letters.redrive_page", action="redriveEvents", status=202)
def redrive_dead_letters(
    tenant: TenantId, caller: CurrentCaller, request: Annotated[BulkRedriveRequest, Body(examples=[COUNT])]
) -> BulkRedriven:
    """Put a page of the dead letters that match a filter back on the queue, or count those that match.

    Call it again with the `cursor` of the answer until there is none.
    """
    return bulk_redrive.redrive_page(contexts.redrives(), tenant, request, caller.principal)


@route("POST", f"{TENANT}/<letter>/drop", "dead_letters.drop", action="redriveEvents")
def drop_dead_letter(tenant: TenantId, letter: DeadLetterId, caller: CurrentCaller) -> DeadLetter:
    """Drop a dead letter: its start is given up, and its payload is deleted."""
    return dead_letters.drop_dead(contexts.redrives(), tenant, letter, caller.principal)


@route("GET", "/v1/publishers/<publisher>/apps/<name>/dead", "app_dead_letters.list", action="readVersions")
def list_app_dead_letters(
    publisher: PublisherId,
    name: AppName,
    state: State = DeadState.DEAD,
    limit: Limit = dead_letters.PAGE,
    cursor: Cursor = None,
) -> DeadPage:
    """List the dead letters of an app in every tenant, newest first, without payloads."""
    app = f"{publisher}/{name}"
    return dead_letters.list_dead_of_app(contexts.redrives(), app, state, PageRequest(limit, cursor))


@route("GET", PLATFORM, "platform_dead_letters.list", action="readPlatform")
def list_platform_dead_letters(
    state: State = DeadState.DEAD, limit: Limit = dead_letters.PAGE, cursor: Cursor = None
) -> DeadPage:
    """List the messages of the start queue that belong to no tenant, newest first; for operators."""
    return dead_letters.list_dead(contexts.redrives(), NO_TENANT, state, PageRequest(limit, cursor))


@route("GET", f"{PLATFORM}/<letter>", "platform_dead_letters.get", action="readPlatform")
def get_platform_dead_letter(letter: DeadLetterId) -> DeadView:
    """Show one of these messages."""
    return dead_letters.show_dead(contexts.redrives(), NO_TENANT, letter)


@route("POST", f"{PLATFORM}/<letter>/drop", "platform_dead_letters.drop", action="readPlatform")
def drop_platform_dead_letter(letter: DeadLetterId, caller: CurrentCaller) -> DeadLetter:
    """Drop one of these messages."""
    return dead_letters.drop_dead(contexts.redrives(), NO_TENANT, letter, caller.principal)
