"""Serves the queue of webhooks: each message is an event for one of them, or a delivery to try again."""

from typing import Any

from functions import contexts
from functions.batches import serve_queue
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.webhook import WebhookMessage
from interlock.control.webhooks.delivery import send_webhook


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Deliver each; what a receiver refuses is written down and tried again by the clock."""
    return serve_queue(
        event, lambda record: send_webhook(contexts.webhooks(), WebhookMessage.model_validate_json(record["body"]))
    )
