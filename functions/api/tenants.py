"""Routes of tenants: onboarding, catalog, installs, events."""

from datetime import timedelta

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, life, number, registry, settings, word
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.event_log import EventLog
from interlock.contract.catalog import AssetBatch
from interlock.contract.core.base import now
from interlock.contract.logged_event import NewEvent
from interlock.contract.registration import NewTenant
from interlock.contract.registry import Role
from interlock.control.events.catalog import DEFAULT_PAGE, asset_history, search_assets, write_assets
from interlock.control.events.events import recent_events, send_event
from interlock.control.tenants.identities import create_identity
from interlock.control.tenants.offboard import request_offboard
from interlock.control.tenants.onboard import create_tenant

RECENT = timedelta(minutes=10)


@app.post("/v1/tenants")
def new_tenant() -> Response[str]:
    """Register a tenant, with a user and a client, and begin to onboard it."""
    caller("createTenant")
    asked = NewTenant.model_validate_json(body())
    words = settings()
    made = create_tenant(registry(), words.onboard_machine, asked.id, asked.title)
    credentials = create_identity(
        registry(), words.user_pool, words.token_url, f"tenant/{made.id}", Role.ADMIN, f"tenant-{made.id}"
    )
    return ok({"tenant": made.model_dump(mode="json"), "credentials": credentials.model_dump(mode="json")}, 202)


@app.get("/v1/tenants/<tenant>")
def one_tenant(tenant: str) -> Response[str]:
    """One tenant."""
    caller("readTenant", f"tenant/{tenant}")
    return ok(registry().tenant(tenant))


@app.delete("/v1/tenants/<tenant>")
def leave(tenant: str) -> Response[str]:
    """Begin to offboard a tenant: installs, data and identities go."""
    caller("offboardTenant")
    return ok(request_offboard(life(), tenant), 202)


@app.get("/v1/tenants/<tenant>/assets")
def assets(tenant: str) -> Response[str]:
    """One asset, or a page of a search."""
    caller("readCatalog", f"tenant/{tenant}")
    found = search_assets(
        Catalog(registry().tenant(tenant).id),
        qualified_name=word("qualified_name"),
        kind=word("type"),
        tag=word("tag"),
        prefix=word("prefix"),
        limit=number("limit", DEFAULT_PAGE),
        cursor=word("cursor") or None,
    )
    return ok(found)


@app.get("/v1/tenants/<tenant>/assets:history")
def history(tenant: str) -> Response[str]:
    """An asset's changes, newest first."""
    caller("readCatalog", f"tenant/{tenant}")
    limit = number("limit", DEFAULT_PAGE)
    changes, cursor = asset_history(Catalog(tenant), word("qualified_name"), limit, word("cursor") or None)
    return ok({"changes": [change.model_dump(mode="json") for change in changes], "cursor": cursor})


@app.post("/v1/tenants/<tenant>/assets:batch")
def write(tenant: str) -> Response[str]:
    """A batch of upserts."""
    caller("writeCatalog", f"tenant/{tenant}")
    writes = AssetBatch.model_validate_json(body()).writes
    changes = write_assets(Catalog(registry().tenant(tenant).id), writes)
    return ok({"changes": [change.model_dump(mode="json") for change in changes]})


@app.get("/v1/tenants/<tenant>/events")
def events(tenant: str) -> Response[str]:
    """Recent events, oldest first."""
    caller("readEvents", f"tenant/{tenant}")
    since = word("since") or now(-RECENT)
    found = recent_events(EventLog(settings().runs_table, settings().data_bucket), tenant, since)
    return ok({"events": [event.model_dump(mode="json") for event in found]})


@app.post("/v1/tenants/<tenant>/events")
def send(tenant: str) -> Response[str]:
    """Send an event."""
    caller("sendEvents", f"tenant/{tenant}")
    asked = NewEvent.model_validate_json(body())
    return ok({"id": send_event(registry().tenant(tenant).id, asked.name, asked.data)}, 202)
