"""Outlines of step records: what tells two visits apart, without bodies, frames and effects."""

from pydantic import Field

from interlock.contract.core.base import Document, Json
from interlock.contract.run import RecordStatus


class BodyOutline(Document):
    """A body without its value."""

    size: int = 0
    digest: str = ""


class ErrorOutline(Document):
    """An error without frames."""

    name: str
    type: str
    message: str = ""


class EffectOutline(Document):
    """An effect without what differs each time."""

    kind: str
    op: str
    request: Json
    result: Json = None
    error: str = ""


class StepOutline(Document):
    """The outline of one step record; `interlock.contract.run.Outline` reads it."""

    run: str
    execution: str
    state: str
    step: str
    entered: str
    redrive: int = 0
    index: int | None = None
    attempt: int = 0
    digest: str
    status: RecordStatus
    started: str
    duration_ms: float = 0.0
    input: BodyOutline
    output: BodyOutline | None = None
    error: ErrorOutline | None = None
    reused: str = ""
    asked: str = ""
    stopped: bool = False
    key: str = ""
    effects_digest: str = ""
    effects: tuple[EffectOutline, ...] = Field(default=(), exclude=True)
    effects_key: str = ""


class OutlinePage(Document):
    """One page of outlines."""

    steps: tuple[StepOutline, ...]
    cursor: str | None = None
