"""The clock of webhooks: deliveries that are due go back on the queue."""

from typing import Any

from functions.hooks import webhooks
from functions.telemetry import observed
from interlock.contract.core.base import Json, now
from interlock.control.webhooks.delivery import retry_webhooks


@observed
def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Look at what is due."""
    return {"seen": retry_webhooks(webhooks(), now())}
