"""The control API: routes below /v1. Its files of routes register themselves."""

from typing import Any

from functions.api import (
    alerts,
    approvals,
    dead,
    debug,
    debugging,
    explain,
    installs,
    listing,
    people,
    publishers,
    replays,
    runs,
    schedules,
    switches,
    tenants,
    usage,
    webhooks,
)
from functions.api.edge import serve
from functions.api.platform import app

ROUTES = (
    webhooks,
    schedules,
    switches,
    usage,
    replays,
    approvals,
    alerts,
    dead,
    listing,
    people,
    publishers,
    tenants,
    installs,
    runs,
    debug,
    debugging,
    explain,
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve a call by its route."""
    return serve(event, lambda call: app.resolve(call, context))
