"""Explains a failed run: the first cause with its place, what it read, what differs from the last good run. Pure."""

import hashlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from interlock.contract.core.failure import GateError
from interlock.contract.envelope import Frame, StepError
from interlock.contract.explain import CauseKind, Explanation, FailureGroup, Places, StatePlace, Touched
from interlock.contract.fork import Position
from interlock.contract.platform_step import PLANS
from interlock.contract.run import Run, StepRecord
from interlock.contract.sensitive import PLACEHOLDER, Redactor, secret_name
from interlock.debugger.caught import PLACES
from interlock.debugger.cause import FirstCause
from interlock.debugger.compare import shown
from interlock.debugger.differences import Side, differences, not_compared
from interlock.debugger.effects import poor_calls
from interlock.debugger.errorpath import ErrorPaths
from interlock.debugger.origin import origin_of
from interlock.debugger.paths import MISSING, Part, look_up, parse_path, type_of

FINGERPRINT_CHARS = 16
MAX_LOCALS = 12
SOURCE_LINES = 2
"""Lines of source that are shown before and after the failing one."""
_HIDE = Redactor()


@dataclass(frozen=True)
class Subject:
    """A run with its records, bodies in place for what is looked at."""

    run: Run
    records: Sequence[StepRecord] = ()
    places: Places = field(default_factory=Places)
    definition: dict[str, Any] | None = None
    cold: StepRecord | None = None
    """A record of a good run in which the failing step succeeded on the same input in a cold process."""


def explain(
    subject: Subject,
    cause: FirstCause,
    good: Run | None = None,
    like: StepRecord | None = None,
    good_earlier: Sequence[StepRecord] = (),
) -> Explanation:
    """The explanation of a run's failure.

    Args:
        subject: the failed run; its own input, and the inputs and outputs of its records, are in place.
        cause: its first cause; its record has its bodies and effects in place.
        good: the last good run of the same workflow, its input in place.
        like: the good run's record of the failing state, its bodies and effects in place.
        good_earlier: the good run's records that succeeded, with outputs in place where they are small.
    """
    run, record = subject.run, cause.record
    sides = (Side(run, record, subject.records), Side(good, like, good_earlier, subject.cold)) if good else None
    error = record.error if record else None
    frame = _frame(error)
    place = _place(subject, cause)
    source, start = _source(frame, place)
    around = ErrorPaths(subject.definition).around(cause.failed.state)
    differing = differences(*sides) if sides else ()
    return Explanation(
        run=run.id,
        app=run.app,
        version=run.version,
        workflow=run.workflow,
        dry=run.dry,
        kind=cause.kind,
        state=cause.failed.state,
        index=cause.failed.index,
        around=around,
        step=record.step if record else "",
        attempt=cause.failed.attempt,
        attempts=cause.attempts,
        error=cause.failed.error,
        message=cause.failed.cause,
        file=frame.file if frame else place.file,
        line=frame.line if frame else place.line,
        function=frame.function if frame else _handler_name(place),
        source=source,
        source_start=start,
        locals=_locals(frame) if frame else {},
        touched=_touched(subject, record, like),
        causes=error.causes if error else (),
        later=cause.later,
        handled=cause.handled,
        retried=cause.retried,
        calls=poor_calls(record),
        cascade=cause.cascade,
        good_run=good.id if good else "",
        differences=differing,
        not_compared=not_compared(*sides, differ=bool(differing)) if sides else (),
        fingerprint=fingerprint(run, cause),
        commands=_commands(run, cause),
    )


def fingerprint(run: Run, cause: FirstCause) -> str:
    """The same for failures of one kind at one place: no line, no value, no version is in it."""
    frame = _frame(cause.record.error if cause.record else None)
    app_ids = (run.app, run.workflow, cause.failed.state, cause.failed.error)
    app_ids += (frame.file, frame.function) if frame else ("", "")
    return hashlib.sha256("\x1f".join(app_ids).encode()).hexdigest()[:FINGERPRINT_CHARS]


def group_of(explanation: Explanation, at: str) -> FailureGroup:
    """The group that a failure belongs to, as its only member."""
    code = explanation.file and f"{explanation.file} in {explanation.function}".removesuffix(" in ")
    return FailureGroup(
        fingerprint=explanation.fingerprint,
        app=explanation.app,
        workflow=explanation.workflow,
        error=explanation.error,
        state=explanation.state,
        where=code,
        message=explanation.message[:300],
        run=explanation.run,
        count=1,
        first=at,
        last=at,
    )


def _frame(error: StepError | None) -> Frame | None:
    return error.own_frame if error else None


def _place(subject: Subject, cause: FirstCause) -> StatePlace:
    """The step's function for what a step did, the state in its definition for what Step Functions did."""
    record, places = cause.record, subject.places
    states = places.workflows.get(subject.run.workflow, {})
    if cause.kind in (CauseKind.STATE, CauseKind.FAIL) or (record is None and cause.kind is not CauseKind.ENDED):
        return states.get(cause.failed.state) or StatePlace(file="")
    step = record.step if record else ErrorPaths(subject.definition).step_of(cause.failed.state)
    return places.steps.get(step) or states.get(cause.failed.state) or StatePlace(file="")


def _locals(frame: Frame) -> dict[str, str]:
    """The first locals, less what only says where an object of the SDK lies."""
    rows = [(name, value) for name, value in frame.locals.items() if not value.startswith("<interlock.")]
    return dict(rows[:MAX_LOCALS])


def _handler_name(place: StatePlace) -> str:
    text = place.source[place.line - place.source_start] if place.source and place.line else ""
    match = re.match(r"\s*(?:async\s+)?def\s+(\w+)", text)
    return match[1] if match else ""


def _source(frame: Frame | None, place: StatePlace) -> tuple[tuple[str, ...], int]:
    """At most SOURCE_LINES before and after the line, and the number of the first of them."""
    source = frame or place
    line, rows, start = source.line, source.source, source.source_start
    first = max(start, line - SOURCE_LINES)
    return tuple(_HIDE.text(row) for row in rows[first - start : line + SOURCE_LINES - start + 1]), first if rows else 0


def _touched(subject: Subject, record: StepRecord | None, like: StepRecord | None) -> tuple[Touched, ...]:
    """The input fields that the failing line read; for one that does not fit its type, those that the error names."""
    error = record.error if record else None
    if record is None or error is None:
        return ()
    rows = _frame_touched(error)
    if error.name == GateError.BAD_INPUT.value:
        rows = {path: "" for path in PLACES.findall(error.message)}
    earlier = [row for row in subject.records if row.output is not None and (row.ended or "~") <= record.started]
    return tuple(_one(subject, record, like, earlier, path, text) for path, text in rows.items())


def _frame_touched(error: StepError) -> dict[str, str]:
    rows = [frame.touched for frame in error.frames if frame.touched]
    return rows[-1] if rows else {}


def _one(
    subject: Subject,
    record: StepRecord,
    like: StepRecord | None,
    earlier: Sequence[StepRecord],
    path: str,
    text: str,
) -> Touched:
    parts = parse_path(path)
    value = look_up(record.input.value, parts)
    hidden = is_sensitive(parts, "input", record.sensitive) or any(secret_name(str(part)) for part in parts)
    now = type_of(value)
    odd = now if now in ("missing", "null") else ""
    before = look_up(like.input.value, parts) if like is not None else MISSING
    if not odd and before is not MISSING and type_of(before) != now:
        odd = f"{now}; it was {type_of(before)} in the last good run"
    message = "<missing>" if value is MISSING else PLACEHOLDER if hidden else text or shown(value)
    where = origin_of(parts, record.input.value, subject.run.input.value, earlier, record.index)
    return Touched(path=path.removeprefix("$.") or "$", value=message, odd=odd, origin=where)


def is_sensitive(parts: tuple[Part, ...], side: str, pointers: Sequence[str]) -> bool:
    """Whether a path lies at or below a JSON pointer of what is sensitive; `*` in a pointer is any index or key."""
    for pointer in pointers:
        arguments = pointer.lstrip("/").split("/")
        if arguments[0] == side and len(arguments) - 1 <= len(parts):
            pairs = zip(arguments[1:], parts, strict=False)
            if all(word in ("*", str(part).replace("~", "~0").replace("/", "~1")) for word, part in pairs):
                return True
    return False


def _commands(run: Run, cause: FirstCause) -> tuple[str, ...]:
    """Commands that work as they are: a step is debugged only where one was called, and a fork has to have a place."""
    state, index = cause.failed.state, cause.failed.index
    was_called = cause.record is not None and cause.record.step not in PLANS
    commands = [f"interlock run debug {run.id}" if was_called else f"interlock run show {run.id} --states"]
    if state:
        place = Position(state, index, cause.ordinal)
        commands.append(f"interlock run fork {run.id} --at {shlex.quote(str(place))}")
    commands.append(f"interlock run verify --version {run.version} --against {run.id}")
    return tuple(commands)
