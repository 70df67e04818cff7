"""Serves the queue of the tenants' recent events."""

import json
from functools import cache
from typing import Any

from functions.batches import serve_queue
from functions.telemetry import observed
from interlock.aws.tables.event_log import EventLog
from interlock.contract.core.settings import EventLogSettings
from interlock.control.events.events import record_event


@cache
def log() -> EventLog:
    """The log, once in a process."""
    settings = EventLogSettings.read()
    return EventLog(settings.runs_table, settings.data_bucket)


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Keep each event."""
    return serve_queue(event, lambda record: record_event(log(), json.loads(record["body"])))
