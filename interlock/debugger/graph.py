"""The graph of an execution: states that were entered, their attempts, branches and iterations. Pure, and without loss.

Every event of the history is on exactly one node; `flatten` gives all of them back. An event's place follows from the
one that led to it (`previousEventId`): its node, or the nearest one above it that fits. Where that is missing, as in
some emulators, the names and the event before it decide; then events of branches that ran at the same time may be
taken for one another's, but none is lost.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.contract.core.base import Json
from interlock.debugger.history import HistoryEvent, Raw, read_history, value_of


class Kind(StrEnum):
    """What a node stands for."""

    EXECUTION = "execution"
    STATE = "state"
    ATTEMPT = "attempt"
    BRANCH = "branch"
    ITERATION = "iteration"
    MAP_RUN = "map_run"


@dataclass(slots=True, eq=False)
class Node:
    """A part of an execution, with the events that are its own and the parts inside it."""

    kind: Kind
    name: str = ""
    """The state's name, for a state and for what is right below it."""
    type: str = ""
    """Task, Map, … for a state."""
    index: int | None = None
    """The number of a branch or attempt from 0, or the item's index of an iteration."""
    round: int = 0
    """How often the Map or Parallel had been tried before, for its iterations or branches."""
    parent: "Node | None" = None
    events: list[HistoryEvent] = field(default_factory=list[HistoryEvent])
    children: list["Node"] = field(default_factory=list["Node"])
    closed: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """Where it is: names of states, `[2]` for an iteration, `{1}` for a branch; attempts add nothing."""
        parts: list[str] = []
        node: Node | None = self
        while node is not None:
            match node.kind:
                case Kind.STATE:
                    parts.append(node.name)
                case Kind.ITERATION:
                    parts.append(f"[{node.index}]")
                case Kind.BRANCH:
                    parts.append(f"{{{node.index}}}")
                case _:
                    pass
            node = node.parent
        return tuple(reversed(parts))

    @property
    def input(self) -> Json:
        """What went in, if an event says so."""
        return self._first("input", "parameters")

    @property
    def output(self) -> Json:
        """What came out, if an event says so."""
        return self._last("output")

    @property
    def error(self) -> str:
        """The name of the last error that an event of its own says."""
        return str(self._last("error") or "")

    @property
    def cause(self) -> str:
        """The cause beside the last error."""
        return str(self._last("cause") or "")

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, parents first, in the order of the history."""
        todo: list[Node] = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed(node.children))

    def _first(self, *parts: str) -> Json:
        for event in self.events:
            for word in parts:
                if word in event.details:
                    return value_of(event.details[word])
        return None

    def _last(self, word: str) -> Json:
        for event in reversed(self.events):
            if word in event.details:
                return value_of(event.details[word]) if word == "output" else event.details[word]
        return None


def build(events: Iterable[Raw]) -> Node:
    """The graph of a history, as its root: the execution."""
    builder = _Builder()
    for event in read_history(events):
        builder.add(event)
    return builder.root


def flatten(root: Node) -> list[Raw]:
    """All events of the graph, as they came and in their order."""
    return [event.raw for event in sorted(event for node in root.walk() for event in node.events)]


_STATE = re.compile(r"^(\w+?)State(Entered|Exited|Started|Succeeded|Failed|Aborted|TimedOut)$")
_CALL = re.compile(r"^(?:Task|LambdaFunction|Activity)(Schedule|Start|Submit|Succeed|Fail|TimedOut)\w*$")
_ENDS = ("Succeeded", "Failed", "Aborted", "TimedOut")
_CONTAINERS = ("Parallel", "Map")


class _Builder:
    """Places one event after the other. `last` is the node and type of the event before."""

    def __init__(self) -> None:
        self.root = Node(Kind.EXECUTION)
        self.owners: dict[int | str, tuple[Node, str]] = {}
        self.last: tuple[Node, str] = (self.root, "")
        self.entered: list[Node] = []
        """States that were entered and may still be open, latest last."""

    def add(self, event: HistoryEvent) -> None:
        came_from = self.owners.get(event.previous) if event.previous is not None else None
        node = self._place(event, *(came_from or self.last))
        node.events.append(event)
        self.last = (node, event.type)
        self.owners[event.id] = self.last

    def _place(self, event: HistoryEvent, near: Node, after: str) -> Node:
        match = _STATE.match(event.type)
        if match:
            kind, what = match.groups()
            return self._enter(event, kind, near, after) if what == "Entered" else self._of_state(event, kind, near)
        if _CALL.match(event.type):
            return self._attempt(event, near)
        if event.type.startswith("MapIteration"):
            return self._iteration(event, near)
        if event.type.startswith("MapRun"):
            return self._map_run(event, near)
        if event.type.startswith("Execution"):
            return self.root
        if event.type == "EvaluationFailed":
            return self._state(near, event.name) or near
        return near

    def _enter(self, event: HistoryEvent, kind: str, near: Node, after: str) -> Node:
        state = self._child(self._scope(near, after), Kind.STATE, name=event.name, type=kind)
        self.entered.append(state)
        return state

    def _scope(self, near: Node, after: str) -> Node:
        """Where the next state belongs."""
        if after == "ParallelStateStarted":
            branches = [child for child in near.children if child.round == _rounds(near)]
            return self._child(near, Kind.BRANCH, name=near.name, index=len(branches), round=_rounds(near))
        if near.type in _CONTAINERS and not near.closed:
            return near
        node: Node | None = near
        while node is not None and node.kind in (Kind.STATE, Kind.ATTEMPT, Kind.MAP_RUN):
            node = node.parent
        return node or self.root

    def _of_state(self, event: HistoryEvent, kind: str, near: Node) -> Node:
        if event.type.endswith("Aborted"):
            node = _above(near, event.name, kind) or self._aborted(kind)
        else:
            node = self._state(near, event.name, kind) or self._state(near, "", kind)
        if node is None:
            return self._child(self._scope(near, ""), Kind.STATE, name=event.name, type=kind)
        if event.type.endswith(("Exited", "Aborted")) or (kind not in _CONTAINERS and event.type.endswith(_ENDS)):
            node.closed = True
        return node

    def _state(self, near: Node, name: str, kind: str = "") -> Node | None:
        """The open state of that name and type: the nearest one above `near`, else the one that was entered last."""
        above = _above(near, name, kind)
        while self.entered and self.entered[-1].closed:
            self.entered.pop()
        return above or next(
            (node for node in reversed(self.entered) if _is(node, name, kind) and not _left(node)), None
        )

    def _aborted(self, kind: str) -> Node | None:
        """The state that is aborted: one of the iteration that ended just before, else the last that has no end.

        AWS does not name it, and the event before it is the failure that stopped it, whichever state that was in.
        """
        still_open = [node for node in self.entered if _is(node, "", kind)]
        inside = [node for node in still_open if self.last[0] in _around(node)]
        return next(reversed(inside or still_open), None)

    def _attempt(self, event: HistoryEvent, near: Node) -> Node:
        state = self._state(near, "", "Task")
        if state is None:
            return near
        attempts = state.children
        begins = event.type.endswith("Scheduled") and (not attempts or _scheduled(attempts[-1]))
        if begins or not attempts:
            return self._child(state, Kind.ATTEMPT, name=state.name, index=len(attempts))
        return attempts[-1]

    def _iteration(self, event: HistoryEvent, near: Node) -> Node:
        if not event.type.endswith("Started"):
            node = self._open_iteration(event, near)
            if node is not None:
                node.closed = True
                return node
        state = self._state(near, event.name, "Map")
        if state is None:
            return near
        return self._child(state, Kind.ITERATION, name=state.name, index=event.item, round=_rounds(state))

    def _open_iteration(self, event: HistoryEvent, near: Node) -> Node | None:
        node: Node | None = near
        while node is not None:
            if node.kind is Kind.ITERATION and node.index == event.item and not node.closed:
                return node
            node = node.parent
        state = self._state(near, event.name, "Map")
        rows = reversed(state.children) if state else ()
        return next((row for row in rows if row.kind is Kind.ITERATION and row.index == event.item), None)

    def _map_run(self, event: HistoryEvent, near: Node) -> Node:
        state = self._state(near, "", "Map")
        if state is None:
            return near
        runs = [child for child in state.children if child.kind is Kind.MAP_RUN]
        if runs and not event.type.endswith("Started"):
            return runs[-1]
        return self._child(state, Kind.MAP_RUN, name=state.name, index=len(runs))

    def _child(
        self, parent: Node, kind: Kind, *, name: str, type: str = "", index: int | None = None, round: int = 0
    ) -> Node:
        node = Node(kind, name, type, index, round, parent)
        parent.children.append(node)
        return node


def _is(node: Node, name: str, kind: str) -> bool:
    return (
        node.kind is Kind.STATE
        and not node.closed
        and (not name or node.name == name)
        and (not kind or node.type == kind)
    )


def _above(near: Node, name: str, kind: str) -> Node | None:
    """The nearest open state of that name and type, from a node on outwards."""
    return next((node for node in (near, *_around(near)) if _is(node, name, kind)), None)


def _left(state: Node) -> bool:
    """Whether a state, branch or iteration around it has ended."""
    return any(node.closed for node in _around(state))


def _around(node: Node) -> Iterator[Node]:
    """The nodes around a node, the nearest first."""
    outer = node.parent
    while outer is not None:
        yield outer
        outer = outer.parent


def _rounds(state: Node) -> int:
    """How often a Map or Parallel had been tried before its present try."""
    return max(sum(event.type.endswith("StateStarted") for event in state.events) - 1, 0)


def _scheduled(attempt: Node) -> bool:
    return any(event.type.endswith("Scheduled") for event in attempt.events)
