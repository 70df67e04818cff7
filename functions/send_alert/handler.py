"""Serves the queue of alerts: each message is the detail of a failed run."""

from typing import Any

from functions import contexts
from functions.batches import serve_queue
from functions.telemetry import observed
from functions.tracing import traced
from interlock.aws.services import queues
from interlock.contract.event import RunDetail
from interlock.control.webhooks.alerts import serve_alert, wait_seconds


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Send each alert; one that can't be delivered is tried again, later each time."""
    return serve_queue(event, _serve)


def _serve(record: dict[str, Any]) -> None:
    tried = int(record["attributes"]["ApproximateReceiveCount"])
    try:
        serve_alert(contexts.alerts(), RunDetail.model_validate_json(record["body"]), tried - 1)
    except Exception as error:
        queues.postpone(record["eventSourceARN"], record["receiptHandle"], wait_seconds(tried, error))
        raise
