"""Outlines of a run's records: all that tells two visits apart, without what makes them large."""

import hashlib

from pydantic import Field, TypeAdapter

from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Row
from interlock.contract.core.base import Document, Json
from interlock.contract.run import RecordStatus

DIGEST_CHARS = 32
ENOUGH = 6_000
"""With so many a page is answered, which is every run: some 650 bytes each, and a function answers 6 MB at most."""


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


class StepOutlines(Document):
    """One page of outlines; `interlock.contract.run.OutlinePage` reads it."""

    steps: tuple[StepOutline, ...]
    cursor: str | None = None


_EFFECTS = TypeAdapter(tuple[EffectOutline, ...])


def list_outlines(runs: Runs, tenant: str, run: str, cursor: str | None = None) -> StepOutlines:
    """A page of the outlines of a run's records, in the order in which their states were entered."""
    if cursor is None:
        runs.find(tenant, run)
    step_outlines: list[StepOutline] = []
    for rows in runs.record_pages(tenant, run, cursor):
        step_outlines.extend(map(_outline, rows))
        if len(step_outlines) >= ENOUGH:
            return StepOutlines(steps=tuple(step_outlines), cursor=step_outlines[-1].key)
    return StepOutlines(steps=tuple(step_outlines))


def _outline(row: Row) -> StepOutline:
    step_outline = row.read(StepOutline)
    message = (
        ""
        if step_outline.effects_key
        else hashlib.sha256(_EFFECTS.dump_json(step_outline.effects)).hexdigest()[:DIGEST_CHARS]
    )
    return step_outline.model_copy(update={"key": row.key.sk, "effects_digest": message})
