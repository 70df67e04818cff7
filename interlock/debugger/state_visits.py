"""The visits of a run's Tasks with what became of each, by the outlines of its records and its pauses. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from interlock.asl.errors import TIMEOUT, matches
from interlock.asl.retry import next_retry
from interlock.contract.core.base import moment, parse_moment
from interlock.contract.run import Outline, Pause, PauseStatus, RecordStatus, Run, RunStatus
from interlock.contract.run_graph import StateStatus
from interlock.debugger.levels import Levels
from interlock.debugger.passages import StateVisit

_ATTEMPT = re.compile(r"#\d{4}(?=~|$)")
"""The attempt in the sort key of a record; what is behind `~` tells visits of the same moment apart."""
_STOPPED = {
    PauseStatus.WANTED: StateStatus.PAUSED,
    PauseStatus.WAITING: StateStatus.PAUSED,
    PauseStatus.DECIDED: StateStatus.RUNNING,
}


def state_visits(levels: Levels, run: Run, outlines: Iterable[Outline], pauses: Iterable[Pause]) -> list[StateVisit]:
    """The visits of a run's last execution, in the order in which their states were entered.

    Args:
        levels: the workflow.
        run: the run.
        outlines: the outlines of all its records.
        pauses: its pauses.
    """
    execution = run.execution.rsplit(":", 1)[-1]
    attempts: dict[str, list[Outline]] = defaultdict(list)
    for outline in outlines:
        if outline.execution == execution and not outline.stopped and outline.state in levels.states:
            attempts[_ATTEMPT.sub("", outline.key)].append(outline)
    ended = [_visit(levels, run, sorted(rows, key=lambda row: row.attempt)) for rows in attempts.values()]
    stopped = [] if run.status.over else list(_stopped(levels, pauses))
    return _with_blame(run, sorted([*ended, *stopped], key=lambda visit: visit.entered))


def _with_blame(run: Run, visits: list[StateVisit]) -> list[StateVisit]:
    """The step of a Task may succeed and its state fail: what it answered did not fit the state's own fields."""
    failed = run.failed
    own = [at for at, visit in enumerate(visits) if failed is not None and visit.state == failed.state]
    if failed is None or any(visits[at].status is StateStatus.FAILED for at in own):
        return visits
    last = next((at for at in reversed(own) if visits[at].index == failed.index), None)
    if last is not None and visits[last].status in (StateStatus.SUCCEEDED, StateStatus.REUSED):
        visits[last] = replace(visits[last], status=StateStatus.FAILED, error=failed.error)
    return visits


def _visit(levels: Levels, run: Run, rows: Sequence[Outline]) -> StateVisit:
    last = rows[-1]
    status, error = _status(levels, run, rows)
    return StateVisit(
        state=last.state,
        index=last.index,
        entered=last.entered,
        ended="" if status in (StateStatus.RUNNING, StateStatus.PAUSED) else _end(last),
        status=status,
        attempts=sum(not row.reused for row in rows),
        error=error or next((row.error.name for row in reversed(rows) if row.error), ""),
        largest_bytes=max(max(row.input.size, row.output.size if row.output else 0) for row in rows),
    )


def _status(levels: Levels, run: Run, rows: Sequence[Outline]) -> tuple[StateStatus, str]:
    last, over = rows[-1], run.status.over
    match last.status:
        case RecordStatus.SUCCEEDED:
            is_reused = run.fork is not None and last.copied
            return (StateStatus.REUSED if is_reused else StateStatus.SUCCEEDED), ""
        case RecordStatus.STARTED if not over:
            return StateStatus.RUNNING, ""
        case RecordStatus.STARTED:
            return _unanswered(levels, run, last)
        case RecordStatus.FAILED:
            error = last.error.name if last.error else ""
            if _is_retried(levels.states[last.state], rows):
                return {False: StateStatus.RUNNING, True: StateStatus.ABORTED}[over], error
            return _failure(levels, run, last.state, error), error


def _unanswered(levels: Levels, run: Run, last: Outline) -> tuple[StateStatus, str]:
    """The gate never wrote an end: Step Functions gave up, or it stopped the visit because another one had failed."""
    inner = bool(levels.level_of[last.state].container)
    catcher = catcher_of(levels, last.state, TIMEOUT)
    if run.status is not RunStatus.ABORTED:
        if run.failed is not None and (run.failed.state, run.failed.index) == (last.state, last.index):
            return StateStatus.FAILED, TIMEOUT
        if catcher and (not inner or (catcher == last.state and run.status is RunStatus.SUCCEEDED)):
            return StateStatus.CAUGHT, TIMEOUT
    return StateStatus.ABORTED, ""


def _failure(levels: Levels, run: Run, state: str, error: str) -> StateStatus:
    """A run that succeeded handled every failure, also by a Retry of what is around the state."""
    is_handled = run.status is RunStatus.SUCCEEDED or catcher_of(levels, state, error)
    return StateStatus.CAUGHT if is_handled else StateStatus.FAILED


def catcher_of(levels: Levels, state: str, error: str) -> str:
    """The state whose Catch takes an error of a state: itself or one around it; empty where none does."""
    for name in (state, *levels.around(state)):
        if any(matches(row.get("ErrorEquals", ()), error) for row in levels.states[name].get("Catch", ())):
            return name
    return ""


def _is_retried(state: Mapping[str, Any], rows: Sequence[Outline]) -> bool:
    """Whether a Retry takes the last failure: the next attempt begins when its time has come."""
    retriers = cast(list[dict[str, Any]], state.get("Retry", []))
    counts: Counter[int] = Counter()
    due = None
    for row in rows:
        due = next_retry(retriers, row.error.name if row.error else TIMEOUT, counts)
        if due is not None:
            counts[due.entry] += 1
    return due is not None


def _end(last: Outline) -> str:
    """When an attempt ended: an outline has its beginning and how long it took; a reused one ended at once."""
    if last.copied:
        return last.entered
    return moment(parse_moment(last.started) + timedelta(milliseconds=last.duration_ms))


def _stopped(levels: Levels, pauses: Iterable[Pause]) -> Iterator[StateVisit]:
    for pause in pauses:
        status = _STOPPED.get(pause.status)
        if status is not None and pause.state in levels.states:
            yield StateVisit(pause.state, pause.index, pause.since, "", status, attempts=0)
