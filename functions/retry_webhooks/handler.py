"""The clock of webhooks: deliveries that are due go back on the queue."""

from typing import Any

from functions import contexts
from functions.clocks import run_clock
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json, now
from interlock.control.webhooks.delivery import retry_webhooks


@traced
@observed
def handler(_event: dict[str, Any], context: Any) -> Json:
    """Look at what is due."""
    return run_clock(context, lambda in_time: retry_webhooks(contexts.webhooks(), now(), in_time))
