"""Serves the queue of webhooks: each message is an event for one of them, or a delivery to try again."""

from typing import Any

from functions.batches import each
from functions.hooks import webhooks
from interlock.contract.webhook import WebhookMessage
from interlock.control.webhooks.delivery import send_webhook


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Deliver each; what a receiver refuses is written down and tried again by the clock."""
    return each(event, lambda record: send_webhook(webhooks(), WebhookMessage.model_validate_json(record["body"])))
