"""Serves the queue of the tenants' recent events."""

import json
from typing import Any

from functions import contexts
from functions.batches import serve_queue
from functions.telemetry import observed
from functions.tracing import traced
from interlock.control.events.events import record_event


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Keep each event."""
    return serve_queue(event, lambda record: record_event(contexts.event_log(), json.loads(record["body"])))
