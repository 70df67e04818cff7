"""Serves the queue of uploads."""

import json
from functools import cache
from typing import Any

from functions.batches import serve_queue
from functions.telemetry import observed
from interlock.contract.core.settings import UploadArrivedSettings
from interlock.control.publishing.upload_arrived import upload_arrived


@cache
def machine() -> str:
    """The publish machine's ARN."""
    return UploadArrivedSettings.read().publish_machine


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Start the publish machine for each object that arrived."""
    return serve_queue(event, lambda record: _serve(json.loads(record["body"])["detail"]))


def _serve(detail: dict[str, Any]) -> None:
    upload = detail["object"]
    upload_arrived(machine(), detail["bucket"]["name"], upload["key"], upload.get("version-id", ""))
