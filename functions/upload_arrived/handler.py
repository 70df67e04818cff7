"""Serves the queue of uploads."""

import json
from typing import Any

from functions.batches import serve_queue
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.settings import UploadArrivedSettings
from interlock.control.publishing.upload_arrived import upload_arrived


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Start the publish machine for each object that arrived."""
    return serve_queue(event, lambda record: _serve(json.loads(record["body"])["detail"]))


def _serve(detail: dict[str, Any]) -> None:
    upload = detail["object"]
    upload_arrived(
        UploadArrivedSettings.read().publish_machine,
        detail["bucket"]["name"],
        upload["key"],
        upload.get("version-id", ""),
    )
