"""Serves the queue of alerts: each message is the detail of a failed run."""

from functools import cache
from typing import Any

from functions.batches import serve_queue
from functions.telemetry import observed
from interlock.aws.services import queues
from interlock.aws.tables.registry import Registry
from interlock.contract.core.settings import AlertSettings
from interlock.contract.event import RunDetail
from interlock.control.webhooks.alerts import AlertContext, send_alert, wait_seconds


@cache
def alerts() -> AlertContext:
    """What alerts work with, once in a process."""
    settings = AlertSettings.read()
    return AlertContext(registry=Registry(settings.registry_table), loopback=settings.loopback)


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Send each alert; one that can't be delivered is tried again, later each time."""
    return serve_queue(event, _serve)


def _serve(record: dict[str, Any]) -> None:
    try:
        send_alert(alerts(), RunDetail.model_validate_json(record["body"]))
    except Exception:
        tried = int(record["attributes"]["ApproximateReceiveCount"])
        queues.postpone(record["eventSourceARN"], record["receiptHandle"], wait_seconds(tried))
        raise
