"""The graph of a run for people: the workflow as its app wrote it, with what the run did in each state. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from interlock.contract.core import limits
from interlock.contract.core.base import parse_moment
from interlock.contract.run import Outline, Pause, Run, RunStatus
from interlock.contract.run_graph import GraphEdge, GraphState, RunGraph, StateStatus
from interlock.debugger.flow import Flow
from interlock.debugger.graph import build
from interlock.debugger.history import Raw
from interlock.debugger.history_passages import passages_of
from interlock.debugger.levels import Level, Levels
from interlock.debugger.passages import OPEN, Inference, Outcome, Passages, StateVisit, latest
from interlock.debugger.state_visits import state_visits

_WORST_FIRST = (
    StateStatus.PAUSED,
    StateStatus.RUNNING,
    StateStatus.FAILED,
    StateStatus.ABORTED,
    StateStatus.CAUGHT,
    StateStatus.SUCCEEDED,
    StateStatus.REUSED,
)
_OUTCOMES: Mapping[RunStatus, Outcome] = {
    RunStatus.SUCCEEDED: "done",
    RunStatus.FAILED: "failed",
    RunStatus.ABORTED: "aborted",
}


def run_graph(
    definition: Mapping[str, Any],
    run: Run,
    outlines: Iterable[Outline],
    pauses: Iterable[Pause] = (),
    events: Sequence[Raw] = (),
) -> RunGraph:
    """What a run did in each state of its workflow; its size is that of the workflow, however long the run is.

    Args:
        definition: the workflow as the app has it, not compiled.
        run: the run.
        outlines: the outlines of its records.
        pauses: its pauses.
        events: its history, whole; empty where that is not stored.
    """
    levels = Levels(definition)
    rows = list(outlines)
    visits = state_visits(levels, run, rows, pauses)
    if events:
        passages = passages_of(levels, build(events))
    else:
        inference = Inference(levels, run.failed.state if run.failed else "")
        is_begun = run.status is not RunStatus.STARTING
        passages = inference.run(visits, _OUTCOMES.get(run.status, "open")) if is_begun else Passages()
    return RunGraph(
        run=run.id,
        status=run.status,
        workflow=run.workflow,
        source="history" if events else "records",
        poll_s=0 if run.status.over else _poll_seconds(len(rows)),
        states=tuple(_States(levels, Flow(definition), run, visits, passages).rows()),
        edges=tuple(
            GraphEdge(**vars(edge), taken=passages.edges.get(edge, False))
            for name in levels.in_order()
            for edge in levels.out[name]
        ),
    )


def _poll_seconds(records: int) -> int:
    """The more records there are, the more it costs to read them."""
    return min(max(limits.POLL_SECONDS, records // limits.POLL_RECORDS), limits.LONGEST_POLL_SECONDS)


class _States:
    """The rows of the graph's states."""

    def __init__(self, levels: Levels, flow: Flow, run: Run, visits: Sequence[StateVisit], passages: Passages) -> None:
        self.levels, self.flow, self.run, self.passages = levels, flow, run, passages
        self.visits: dict[str, list[StateVisit]] = defaultdict(list)
        for visit in visits:
            for name in (visit.state, *levels.around(visit.state)):
                self.visits[name].append(visit)
        self.open = {visit.state for visit in visits if visit.status in OPEN}
        self.open |= {name for name, counts in passages.counts.items() if any(counts[status] for status in OPEN)}
        self.reachable = self._reachable()

    def _reachable(self) -> frozenset[str]:
        """The states that the run may still enter."""
        if self.run.status.over:
            return frozenset()
        if not self.open:
            return frozenset(self.levels.states)
        ahead = [self.flow.after(name) for name in self.open]
        maps = [self.flow.within(name) for name in self.open if self.levels.kind(name) == "Map"]
        return frozenset[str]().union(*ahead, *maps)

    def rows(self) -> list[GraphState]:
        """One row for each state, in the order of the flow."""
        return [self._row(name, order) for order, name in enumerate(self.levels.in_order())]

    def _row(self, name: str, order: int) -> GraphState:
        level, visits = self.levels.level_of[name], self.visits[name]
        is_task = self.levels.kind(name) == "Task"
        counts = Counter(visit.status for visit in visits) if is_task and visits else self.passages.counts[name]
        is_open = any(counts[status] for status in OPEN)
        started = min((visit.entered for visit in visits), default=None)
        ended = None if is_open else max((visit.ended for visit in visits), default=None)
        return GraphState(
            name=name,
            kind=cast(Any, self.levels.kind(name)),
            container=level.container,
            branch=level.branch,
            order=order,
            start=level.start == name,
            end=self.levels.is_end(name),
            step=self.levels.step_of(name),
            status=self._status(name, level, counts),
            counts={status: counts[status] for status in StateStatus if counts[status]},
            attempts=sum(visit.attempts for visit in visits) if is_task else 0,
            items=self.passages.items.get(name),
            error=next((visit.error for visit in reversed(visits) if visit.error), "") if is_task else "",
            started=started,
            ended=ended or None,
            duration_ms=_between(started, ended) if started and ended else 0.0,
            largest_bytes=max((visit.largest_bytes for visit in visits), default=0) if is_task else 0,
        )

    def _status(self, name: str, level: Level, counts: Mapping[StateStatus, int]) -> StateStatus:
        statuses: set[StateStatus] = {status for status, count in counts.items() if count}
        if self.levels.kind(name) == "Task" and self.visits[name]:
            statuses = {visit.status for visit in latest(self.visits[name], by_item=len(level.maps) < 2)}
        status = next((status for status in _WORST_FIRST if status in statuses), None)
        if status is not None:
            return status
        if name in self.passages.possible:
            return StateStatus.UNKNOWN
        return StateStatus.PENDING if name in self.reachable else StateStatus.SKIPPED


def _between(started: str, ended: str) -> float:
    return max(round((parse_moment(ended) - parse_moment(started)).total_seconds() * 1000, 3), 0.0)
