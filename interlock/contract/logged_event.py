"""Events that users send, and events that a tenant's bus delivered."""

from interlock.contract.core.base import Document, Json
from interlock.contract.manifest_values import EventName
from interlock.contract.run import Body


class NewEvent(Document):
    """An event that a user sends."""

    name: EventName
    data: Json = None


class LoggedEvent(Document):
    """One event as EventBridge delivered it. Its id is the change id."""

    id: str
    source: str
    name: str
    time: str
    detail: Json = None
    body: Body | None = None
    """Where the detail is, if it is too large for an item."""

    def whole(self, detail: Json) -> dict[str, Json]:
        """The event in EventBridge's form, as far as it was kept."""
        return {"id": self.id, "source": self.source, "detail-type": self.name, "time": self.time, "detail": detail}


class EventList(Document):
    """Recent events, oldest first."""

    events: tuple[LoggedEvent, ...]


class EventSent(Document):
    """The change id of an event that was sent."""

    id: str
