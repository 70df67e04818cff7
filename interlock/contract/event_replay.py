"""Replays: events of the archive, sent once more to one install."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interlock.contract.core.base import Document, Json, Moment
from interlock.contract.manifest_values import EventName


class EventReplayRequest(Document):
    """Which events go to which install: those of a time, of a name, and whose detail matches a pattern."""

    install: str
    since: Moment
    until: Moment
    name: EventName | None = None
    where: dict[str, Json] = Field(default_factory=dict)
    """An EventBridge pattern on the detail, in addition to the install's own."""
    dry: bool = False
    """Count, and send nothing."""
    key: str = ""
    """The same key is the same replay, whatever else is said; without one, the same words are."""


class EventReplayStatus(StrEnum):
    """A replay that failed goes on where it stopped, once its dead letter is redriven."""

    RUNNING = "running"
    DONE = "done"


class EventReplay(Document):
    """A replay and how far it has come."""

    id: str
    tenant: str
    request: EventReplayRequest
    status: EventReplayStatus = EventReplayStatus.RUNNING
    hour: str
    """The hour of the archive that is read, such as 2026-01-31T09."""
    after: str = ""
    """The sort key of the last event read in it."""
    hours: Annotated[int, Field(ge=1)]
    """How many hours of the archive it reads in all."""
    hours_read: int = 0
    seen: int = 0
    matched: int = 0
    """Events that match the words and a trigger of the install."""
    starts: int = 0
    """Starts that were put on the queue, or would be in a dry one: one for each trigger that an event matches."""
    started: Moment
    ended: Moment | None = None
    by: str = ""
