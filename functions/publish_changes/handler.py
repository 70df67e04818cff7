"""Serves the streams of the tenants' catalog tables."""

from typing import Any

from functions.batches import serve_stream
from functions.telemetry import observed
from functions.tracing import traced
from interlock.aws.tables.runs import Runs
from interlock.contract.core import names
from interlock.contract.core.settings import StreamSettings
from interlock.control.events.events import serve_change


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Publish the change of each new item of an asset's history."""
    return serve_stream(event, _serve)


def _serve(record: dict[str, Any]) -> None:
    image = record["dynamodb"].get("NewImage")
    if record["eventName"] == "INSERT" and image:
        table = record["eventSourceARN"].partition("/")[2].partition("/")[0]
        tenant = table.removeprefix(names.catalog_table(""))
        serve_change(tenant, image, Runs(StreamSettings.read().runs_table), StreamSettings.read().data_bucket)
