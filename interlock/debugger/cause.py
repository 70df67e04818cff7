"""The first cause of a failed run, from its step records and what Step Functions said of the end."""

import json
from collections.abc import Sequence
from typing import Any, cast

from interlock.contract.run import Failed, RecordStatus, StepRecord, Usage
from interlock.debugger.replay import final_records

CAUSE_CHARS = 2_000


def first_cause(records: Sequence[StepRecord], error: str, cause: str) -> Failed:
    """Why a run failed.

    Args:
        records: the run's step records.
        error: the error that the execution ended with; empty for an aborted one.
        cause: what Step Functions said beside it.

    Returns:
        The earliest final failure that carries the execution's error; else the last attempt that has no end;
        else what Step Functions said (a Fail state, an expression, a timeout).
    """
    cause = _said(cause)
    finals = [record for record in final_records(records) if record.status is RecordStatus.FAILED]
    same = [record for record in finals if record.error is not None and record.error.name == error]
    if same:
        return _of(same[-1], error)
    open_ones = [record for record in records if record.status is RecordStatus.STARTED]
    if open_ones:
        last = open_ones[-1]
        return Failed(
            error=error or "Interlock.Interrupted", cause=cause[:CAUSE_CHARS], state=last.state, attempt=last.attempt
        )
    return Failed(error=error or "States.Aborted", cause=cause[:CAUSE_CHARS])


def usage(records: Sequence[StepRecord]) -> Usage:
    """What the records add up to."""
    return Usage(
        steps=len({(record.execution, record.state, record.entered, record.index) for record in records}),
        attempts=sum(not record.reused for record in records),
        step_ms=round(sum(record.step_ms for record in records if not record.reused), 3),
        effects=sum(len(record.effects) for record in records),
    )


def _said(cause: str) -> str:
    """The message of a cause that is Lambda's JSON of an exception; any other cause as it is."""
    try:
        raw: Any = json.loads(cause)
    except ValueError:
        return cause
    return str(cast(dict[str, Any], raw).get("errorMessage", cause)) if isinstance(raw, dict) else cause


def _of(record: StepRecord, error: str) -> Failed:
    assert record.error is not None
    frame = record.error.frames[-1] if record.error.frames else None
    return Failed(
        error=error,
        cause=record.error.message[:CAUSE_CHARS],
        state=record.state,
        attempt=record.attempt,
        frame=f"{frame.file}:{frame.line} in {frame.function}" if frame else "",
    )
