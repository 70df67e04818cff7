"""The runtime API: what steps call, signed with the session that the gate vended.

AWS says who calls: the session's role names the tenant, its name the install. The ticket adds the run.
"""

import time
from functools import lru_cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.answers import with_problems, write_json
from functions.telemetry import observed
from functions.tickets import ticket_of
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.registry import Registry
from interlock.contract.catalog import AssetBatch, AssetChanges, AssetPage
from interlock.contract.core import names
from interlock.contract.core.base import Document, Json
from interlock.contract.core.failure import Forbidden
from interlock.contract.core.page import PageRequest
from interlock.contract.core.settings import RuntimeApiSettings
from interlock.contract.logged_event import EventSent
from interlock.contract.ticket import Ticket
from interlock.control.events.catalog import DEFAULT_PAGE, AssetFilter, search_assets
from interlock.control.events.catalog import write_assets as write
from interlock.control.events.events import emit_for_step
from interlock.control.usage.admission import quotas_of, reserve_events

QUOTA_SECONDS = 60
TAGS = {"assets": "The catalog of the tenant.", "events": "Events of the app."}
app = with_problems(APIGatewayHttpResolver(enable_validation=True, serializer=write_json))


class Emit(Document):
    """An event that a step emits."""

    name: str
    detail: Json = None
    id: str


OfStep = Annotated[Ticket, Depends(ticket_of)]
QualifiedName = Annotated[str, Query(description="The asset's qualified name.")]
AssetType = Annotated[str, Query(alias="type", description="Only assets of this type.")]
Tag = Annotated[str, Query(description="Only assets with this tag.")]
Prefix = Annotated[str, Query(description="Only assets whose qualified name begins with this.")]
Limit = Annotated[int, Query(ge=1, le=100, description="The most assets of a page.")]
Cursor = Annotated[str | None, Query(description="The `cursor` of the page before.")]


@app.get("/runtime/assets", operation_id="assets.list", tags=["assets"], summary="Find assets.")
def list_assets(
    ticket: OfStep,
    qualified_name: QualifiedName = "",
    kind: AssetType = "",
    tag: Tag = "",
    prefix: Prefix = "",
    limit: Limit = DEFAULT_PAGE,
    cursor: Cursor = None,
) -> AssetPage:
    """One asset by its qualified name, or a page by type, tag and prefix."""
    wanted = AssetFilter(qualified_name=qualified_name, kind=kind, tag=tag, prefix=prefix)
    return search_assets(_catalog(ticket), wanted, PageRequest(limit, cursor))


@app.post("/runtime/assets:batch", operation_id="assets.write", tags=["assets"], summary="Write a batch of assets.")
def write_assets(batch: Annotated[AssetBatch, Body()], ticket: OfStep) -> AssetChanges:
    """Write a batch of assets, within the scopes that the tenant granted."""
    if "catalog:write" not in ticket.granted:
        refused = [asset.qualified_name for asset in batch.writes if not asset.tags_only]
        if refused or "catalog:write:tags" not in ticket.granted:
            raise Forbidden(
                "the app may not write this",
                where=(refused or ["catalog"])[0],
                next_step="Declare the scope in [permissions].",
            )
    return AssetChanges(changes=tuple(write(_catalog(ticket), batch.writes, ticket.cause())))


@app.post("/runtime/events", operation_id="events.emit", tags=["events"], summary="Emit an event of the app.")
def emit_event(event: Annotated[Emit, Body()], ticket: OfStep) -> EventSent:
    """Emit an event of the app on the tenant's bus."""
    schemas = _schemas(ticket.app, ticket.version) if ticket.version else {}
    most = _most(ticket.tenant, ticket.install, int(time.time()) // QUOTA_SECONDS)
    reserve_events(RuntimeApiSettings.read().runs_table, ticket.tenant, ticket.install, 1, most)
    return EventSent(id=emit_for_step(ticket, event.name, event.detail, event.id, schemas))


def _catalog(ticket: Ticket) -> Catalog:
    """The tenant's catalog; in the sandbox each golden test has one of its own."""
    return Catalog(ticket.tenant, ticket.install if ticket.tenant == names.SANDBOX else "")


@lru_cache(maxsize=256)
def _most(tenant: str, install: str, _minute: int) -> tuple[int, int]:
    """How many events a minute, read once in QUOTA_SECONDS."""
    registry = Registry(RuntimeApiSettings.read().registry_table)
    whole, own = quotas_of(registry.tenant(tenant), registry.install(tenant, install).item)
    return whole.events_per_minute, own.events_per_minute


@lru_cache(maxsize=256)
def _schemas(name: str, version: str) -> dict[str, Json]:
    """The schemas of the events that a version declares; they never change."""
    return Registry(RuntimeApiSettings.read().registry_table).version(name, version).item.event_schemas


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve a call by its route."""
    return app.resolve(event, context)
