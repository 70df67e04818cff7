"""The control API: routes below /v1. Each module of routes registers its own when it is imported."""

from typing import Any

from functions.api.edge import serve
from functions.api.routes import (
    alerts,
    approvals,
    assets,
    audit,
    breakpoints,
    dead_letters,
    event_replays,
    events,
    installs,
    kill_switches,
    listings,
    logs,
    members,
    pauses,
    platform,
    publishers,
    quotas,
    recorded_steps,
    redaction,
    runs,
    schedules,
    tenants,
    triggers,
    usage,
    versions,
    webhooks,
)
from functions.api.routing import app
from functions.telemetry import observed
from functions.tracing import traced

ROUTES = (
    alerts,
    approvals,
    assets,
    audit,
    breakpoints,
    dead_letters,
    event_replays,
    events,
    installs,
    kill_switches,
    listings,
    logs,
    members,
    pauses,
    platform,
    publishers,
    quotas,
    recorded_steps,
    redaction,
    runs,
    schedules,
    tenants,
    triggers,
    usage,
    versions,
    webhooks,
)


@traced
@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve a call by its route."""
    return serve(event, lambda call: app.resolve(call, context))
