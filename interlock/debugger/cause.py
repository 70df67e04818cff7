"""The first cause of a failed run, from its step records and what Step Functions said of the end.

In this order:
  1. where the run ended: the state that the cause's text names, or the one that the last events lead to
  2. what failed there: a recorded attempt of a step, one that has no end, a Fail state, or the state itself
  3. a failure that was caught and led there is the first cause, and what it led to is its cascade
  4. of the attempts of that visit, the first that no later try could have mended
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from interlock.contract.core.failure import GateError
from interlock.contract.explain import CauseKind
from interlock.contract.run import Failed, RecordStatus, StepRecord
from interlock.debugger.attempts import (
    Visit,
    described,
    error_of,
    is_failed,
    is_transient,
    message_of,
    one_line,
    overlap,
    retried,
    visits_of,
)
from interlock.debugger.caught import led_to, missed, went_on
from interlock.debugger.errorpath import ErrorPaths
from interlock.debugger.history import HistoryEvent, read_history

CAUSE_CHARS = 2_000
MAX_CASCADE = 6
_STATE = re.compile(r"(?:executing the state|in state|the state) '(?P<state>.+?)' \(entered at the event id #\d+\)")
_ENDED = (GateError.STEP_EXIT, GateError.STEP_TIMEOUT)
_DATA = (GateError.BAD_INPUT, GateError.BAD_OUTPUT, GateError.SECRET_IN_OUTPUT)
_GATE_ENDS = frozenset(error.value for error in GateError) - {error.value for error in (*_ENDED, GateError.INTERRUPTED)}
"""What the gate ends a run by itself, before a step was called or in its stead."""


@dataclass(frozen=True)
class Evidence:
    """What is known of a run that did not succeed.

    Attributes:
        records: the step records of its last execution.
        error: the error that the execution ended with; empty for an aborted one.
        cause: what Step Functions said beside it.
        events: the last events of the history, newest first, where they were fetched.
        definition: the workflow, as written or compiled, where it is known.
    """

    records: Sequence[StepRecord]
    error: str
    cause: str = ""
    events: Sequence[Mapping[str, Any]] = ()
    definition: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class FirstCause:
    """What failed first, and what followed from it."""

    failed: Failed
    kind: CauseKind
    record: StepRecord | None = None
    attempts: int = 0
    ordinal: int | None = None
    """Which visit of its state, and item, it was, from 1; None where there was one."""
    later: tuple[str, ...] = ()
    handled: tuple[str, ...] = ()
    retried: tuple[str, ...] = ()
    cascade: tuple[str, ...] = field(default=())


def first_cause(records: Sequence[StepRecord], error: str, cause: str) -> Failed:
    """Why a run failed, from its records and the execution's error and cause alone."""
    return find_cause(Evidence(records, error, cause)).failed


def needs_history(records: Sequence[StepRecord], error: str, cause: str) -> bool:
    """Whether records and cause leave open which state ended the run, so that its last events must be asked for."""
    if not error or _named_state(said(cause)):
        return False
    visits = visits_of(records)
    if any(is_failed(visit) and error_of(visit[-1]) == error for visit in visits):
        return False
    # What began and has no end is to blame only for an end without an answer: else it is a branch that was stopped.
    return error not in _ENDED or not _open(records)


def find_cause(evidence: Evidence) -> FirstCause:
    """The first cause of a run's failure; where nothing is recorded of it, what Step Functions said."""
    visits = visits_of(evidence.records)
    cause = _find(evidence)
    return replace(cause, retried=retried(visits), ordinal=_ordinal(cause.record, visits))


def _ordinal(record: StepRecord | None, visits: Sequence[Visit]) -> int | None:
    rows = [row for row in visits if record and (row[0].state, row[0].index) == (record.state, record.index)]
    at = next((at for at, row in enumerate(rows, 1) if record in row), None)
    return at if len(rows) > 1 else None


def _find(evidence: Evidence) -> FirstCause:
    text = said(evidence.cause)
    paths = ErrorPaths(evidence.definition)
    visits = visits_of(evidence.records)
    ending = _named_state(text) or _last_state(evidence.events)
    blamed = _blamed(evidence, visits, paths, ending)
    if blamed is not None:
        return _of_visit(blamed, visits, paths)
    state = ending if paths.knows(ending) else ""
    of_gate = evidence.error in _GATE_ENDS and paths.type_of(state) != "Fail"
    led = None if of_gate else led_to(state, visits, paths) or went_on(state, text, visits, paths)
    if led is not None:
        how = f"{state} ended the run with {evidence.error}" + (f": {one_line(text)}" if text else "")
        cause = _of_visit(led, visits, paths)
        return replace(cause, cascade=(*cause.cascade, how))
    opened = [record for record in _open(evidence.records) if state in ("", record.state)]
    if opened and not of_gate:
        return _of_open(opened[-1], evidence, text)
    kind = _kind_of_state(evidence.error, paths.type_of(state))
    if evidence.error == GateError.STEP_TIMEOUT.value and paths.type_of(state) == "Task":
        # The state's time was over before the gate had recorded anything.
        kind = CauseKind.ENDED
    error = evidence.error or "States.Aborted"
    handled = tuple(described(visit[-1]) for visit in visits if is_failed(visit))[-MAX_CASCADE:]
    return FirstCause(Failed(error=error, cause=text[:CAUSE_CHARS], state=state), kind, handled=handled)


def said(cause: str) -> str:
    """The message of a cause that is Lambda's JSON of an exception; any other cause as it is."""
    try:
        raw: Any = json.loads(cause)
    except ValueError:
        return cause
    return str(cast(dict[str, Any], raw).get("errorMessage", cause)) if isinstance(raw, dict) else cause


def _open(records: Sequence[StepRecord]) -> list[StepRecord]:
    return [record for record in records if record.status is RecordStatus.STARTED]


def _blamed(evidence: Evidence, visits: Sequence[Visit], paths: ErrorPaths, ending: str) -> Visit | None:
    """The failed visit whose error ended the execution."""
    same = [visit for visit in visits if is_failed(visit) and error_of(visit[-1]) == evidence.error]
    if ending and paths.knows(ending):
        same = [visit for visit in same if ending in (visit[0].state, *paths.around(visit[0].state))]
    if not same:
        return None
    last = max(same, key=lambda visit: (visit[0].entered, visit[0].started))
    beside = [visit for visit in same if visit is last or overlap(visit, last)]
    return min(beside, key=lambda visit: visit[-1].ended or "")


def _of_visit(visit: Visit, visits: Sequence[Visit], paths: ErrorPaths) -> FirstCause:
    """The cause that a failed visit is, or that an earlier one is whose error path led to it."""
    cascade: list[str] = []
    while paths.known:
        earlier = [row for row in visits if (row[-1].ended or "~") <= visit[0].entered]
        is_main = paths.is_main(visit[0].state)
        led = missed(visit, earlier, paths) if is_main else led_to(visit[0].state, earlier, paths)
        if led is None:
            break
        cascade.insert(0, f"{described(visit[-1])}, on the path that was taken after the failure of {led[0].state}")
        visit = led
    first = _telling(visit)
    record = visit[first]
    beside = [row for row in visits if row is not visit and is_failed(row) and overlap(row, visit)]
    cascade = [
        *(f"beside it, {described(row[-1])}" for row in beside if (row[-1].ended or "") >= (record.ended or "")),
        *cascade,
    ]
    handled = [row for row in visits if is_failed(row) and (row[-1].ended or "~") < visit[0].started]
    return FirstCause(
        failed=_of(record),
        kind=kind_of(record),
        record=record,
        attempts=len(visit),
        later=tuple(
            f"attempt {row.attempt + 1}: {error_of(row)}: {one_line(row.error.message)}"
            for row in visit[first + 1 :]
            if row.error is not None and (row.error.name, row.error.message) != (error_of(record), message_of(record))
        ),
        handled=tuple(described(row[-1]) for row in handled)[-MAX_CASCADE:],
        cascade=tuple(cascade[:MAX_CASCADE]),
    )


def _telling(visit: Visit) -> int:
    """Which attempt tells most: the first that no later try could mend; else the last but what Interrupted says."""
    for at, record in enumerate(visit):
        if record.error is not None and not is_transient(record):
            return at
    interrupted = GateError.INTERRUPTED.value
    real = [at for at, record in enumerate(visit) if record.error is not None and error_of(record) != interrupted]
    return real[-1] if real else next((at for at, record in enumerate(visit) if record.error is not None), 0)


def kind_of(record: StepRecord) -> CauseKind:
    """What kind of failure a failed record is."""
    error = record.error
    if error is None:
        return CauseKind.UNKNOWN_END
    if record.reused.startswith("decided by") and not error.frames:
        return CauseKind.PERSON
    if error.name in _ENDED and not (error.frames and error.name == GateError.STEP_TIMEOUT.value):
        return CauseKind.ENDED
    if error.name in _DATA:
        return CauseKind.DATA
    if error.name == GateError.INTERRUPTED.value and not error.frames:
        return CauseKind.UNKNOWN_END
    return CauseKind.PLATFORM if error.name.startswith("Interlock.") and not error.frames else CauseKind.STEP


def _kind_of_state(error: str, type_: str) -> CauseKind:
    if type_ == "Fail":
        return CauseKind.FAIL
    if not error or error == "States.Aborted":
        return CauseKind.PERSON
    if error.startswith("Interlock."):
        return CauseKind.PLATFORM
    return CauseKind.STATE if error.startswith("States.") or type_ else CauseKind.FAIL


def _of(record: StepRecord) -> Failed:
    assert record.error is not None
    frame = record.error.own_frame
    return Failed(
        error=record.error.name,
        cause=record.error.message[:CAUSE_CHARS],
        state=record.state,
        index=record.index,
        attempt=record.attempt,
        frame=f"{frame.file}:{frame.line} in {frame.function}" if frame else "",
    )


def _of_open(record: StepRecord, evidence: Evidence, text: str) -> FirstCause:
    error = evidence.error or GateError.INTERRUPTED.value
    kind = CauseKind.ENDED if error in _ENDED else CauseKind.UNKNOWN_END if evidence.error else CauseKind.PERSON
    failed = Failed(
        error=error, cause=text[:CAUSE_CHARS], state=record.state, index=record.index, attempt=record.attempt
    )
    return FirstCause(failed, kind, record=record, attempts=record.attempt + 1)


def _named_state(text: str) -> str:
    match = _STATE.search(text)
    return match.group("state") if match else ""


def _last_state(events: Sequence[Mapping[str, Any]]) -> str:
    """The state in which the last event of a history lies: the chain of events is followed backwards to its entry."""
    rows = read_history(events)
    by_id: dict[int | str, HistoryEvent] = {row.id: row for row in rows}
    event: HistoryEvent | None = rows[0] if rows else None
    for _ in range(len(rows)):
        if event is None:
            return ""
        if event.type.endswith("StateEntered") or (event.type == "EvaluationFailed" and event.name):
            return event.name
        event = by_id.get(event.previous) if event.previous is not None else None
    return ""
