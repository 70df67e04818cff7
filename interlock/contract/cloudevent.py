"""Events in the form of CloudEvents 1.0, for whoever reads them outside AWS, and back. Pure.

`id` is the change id, `source` a URN of the tenant and of EventBridge's source, `type` the event's name below
`interlock.`, `subject` what it is about, `dataschema` the name of its schema (docs/schemas/events).
Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from typing import Any

from interlock.contract.core.base import Document, Json
from interlock.contract.event import SCHEMA_VERSION

SPEC = "1.0"
TYPE_PREFIX = "interlock."
SOURCE_PREFIX = "urn:interlock:"
JSON_TYPE = "application/json"


class CloudEvent(Document):
    """A CloudEvent in structured mode."""

    specversion: str = SPEC
    id: str
    source: str
    type: str
    time: str
    subject: str | None = None
    datacontenttype: str = JSON_TYPE
    dataschema: str = ""
    data: Json = None


def schema_name(event: str) -> str:
    """The name of an event's schema: its version counts up where an event breaks, which none did yet."""
    return f"{SOURCE_PREFIX}event:{event}:{SCHEMA_VERSION}"


def to_cloudevent(event: dict[str, Any]) -> CloudEvent:
    """An event of a tenant's bus, as EventBridge has it, as a CloudEvent."""
    detail: dict[str, Any] = event["detail"]
    about = detail.get("asset", {}).get("qualified_name") or detail.get("run")
    return CloudEvent(
        id=str(detail.get("id") or event["id"]),
        source=f"{SOURCE_PREFIX}{detail['tenant']}:{event['source']}",
        type=TYPE_PREFIX + str(event["detail-type"]),
        time=str(detail.get("at") or event["time"]),
        subject=about,
        dataschema=schema_name(str(event["detail-type"])),
        data=detail,
    )


def from_cloudevent(cloud_event: CloudEvent) -> dict[str, Any]:
    """The event that a CloudEvent was made of, less what EventBridge alone knows (its own id, account, region)."""
    return {
        "id": cloud_event.id,
        "source": cloud_event.source.removeprefix(SOURCE_PREFIX).partition(":")[2],
        "detail-type": cloud_event.type.removeprefix(TYPE_PREFIX),
        "time": cloud_event.time,
        "detail": cloud_event.data,
    }
