"""The runtime API: what steps call, signed with the session that the gate vended.

AWS says who calls: the session's role names the tenant, its name the install. The ticket adds the run.
"""

import time
from functools import lru_cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from functions.answers import ok, with_problems
from interlock.aws.services.secrets import platform_secret
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.registry import Registry
from interlock.contract.catalog import AssetBatch
from interlock.contract.core import names
from interlock.contract.core.base import Document, Json
from interlock.contract.core.failure import Forbidden
from interlock.contract.core.settings import RuntimeApiSettings
from interlock.contract.ticket import Ticket, check
from interlock.control.events.catalog import DEFAULT_PAGE, search_assets, write_assets
from interlock.control.events.events import emit_for_step
from interlock.control.usage.admission import admit_events, quotas_of

QUOTA_SECONDS = 60
app = with_problems(APIGatewayHttpResolver())


class Emit(Document):
    """The body of an event."""

    name: str
    detail: Json = None
    id: str


def _ticket() -> Ticket:
    """The ticket, if it is for the tenant and install that AWS says is calling."""
    event = app.current_event
    raw: dict[str, Any] = event.raw_event["requestContext"].get("authorizer", {}).get("iam", {})
    role, _, session = str(raw.get("userArn", "")).rpartition("/")
    secret = platform_secret(RuntimeApiSettings.read().ticket_secret)
    ticket = check(event.headers.get("x-interlock-ticket", ""), secret, time.time())
    if not role.endswith(f"/{names.access_role(ticket.tenant)}") or session != ticket.install:
        raise Forbidden("the ticket is another install's", code="bad-ticket", where="X-Interlock-Ticket")
    return ticket


@app.get("/runtime/assets")
def search() -> Response[str]:
    """One asset, or a page of a search."""
    words = app.current_event.query_string_parameters or {}
    found = search_assets(
        Catalog(_ticket().tenant),
        qualified_name=words.get("qualified_name", ""),
        kind=words.get("type", ""),
        tag=words.get("tag", ""),
        prefix=words.get("prefix", ""),
        limit=int(words.get("limit", DEFAULT_PAGE)),
        cursor=words.get("cursor"),
    )
    return ok(found)


@app.post("/runtime/assets:batch")
def write() -> Response[str]:
    """A batch of upserts, in the scopes that the tenant granted."""
    ticket = _ticket()
    writes = AssetBatch.model_validate_json(app.current_event.body or "{}").writes
    if "catalog:write" not in ticket.granted:
        refused = [found.qualified_name for found in writes if not found.tags_only]
        if refused or "catalog:write:tags" not in ticket.granted:
            raise Forbidden("the app may not write that", where=(refused or ["catalog"])[0])
    changes = write_assets(Catalog(ticket.tenant), writes, ticket.cause())
    return ok({"changes": [change.model_dump(mode="json") for change in changes]})


@app.post("/runtime/events")
def emit() -> Response[str]:
    """An event of the app."""
    body, ticket = Emit.model_validate_json(app.current_event.body or "{}"), _ticket()
    schemas = _schemas(ticket.app, ticket.version) if ticket.version else {}
    settings = RuntimeApiSettings.read()
    most = _most(ticket.tenant, ticket.install, int(time.time()) // QUOTA_SECONDS)
    admit_events(settings.runs_table, ticket.tenant, ticket.install, 1, most)
    return ok({"id": emit_for_step(ticket, body.name, body.detail, body.id, schemas)})


@lru_cache(maxsize=256)
def _most(tenant: str, install: str, _minute: int) -> tuple[int, int]:
    """How many events a minute, read once in QUOTA_SECONDS."""
    registry = Registry(RuntimeApiSettings.read().registry_table)
    whole, own = quotas_of(registry.tenant(tenant), registry.install(tenant, install).item)
    return whole.events_per_minute, own.events_per_minute


@lru_cache(maxsize=256)
def _schemas(name: str, version: str) -> dict[str, Json]:
    """What a version declares of its events, which never changes."""
    return Registry(RuntimeApiSettings.read().registry_table).version(name, version).item.event_schemas


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Resolve the route."""
    return app.resolve(event, context)
