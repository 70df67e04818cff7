"""Serves the streams of the tenants' catalog tables."""

from typing import Any

from functions.batches import each
from interlock.aws.catalog import change_of
from interlock.control.events import publish_change


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Publish the change of each new item of an asset's history."""
    return each(event, _serve)


def _serve(record: dict[str, Any]) -> None:
    image = record["dynamodb"].get("NewImage")
    change = change_of(image) if record["eventName"] == "INSERT" and image else None
    if change is not None:
        publish_change(change)
