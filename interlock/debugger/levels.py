"""The levels of a workflow, their states in the order of the flow, and the ways between them. Pure.

A level is the workflow, a branch of a Parallel, or the processor of a Map.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

from interlock.contract.asl import PAUSED_SUFFIX

Raw = Mapping[str, Any]
EdgeKind = Literal["next", "choice", "default", "catch"]
CONTAINERS = ("Map", "Parallel")
MAX_LABEL = 200
"""Characters of a label: it is drawn beside a line. The definition has the whole condition."""
_STEP = re.compile(r"\$\{([^}]+)\}")
_JOINS = {"And": " and ", "Or": " or "}


@dataclass(frozen=True)
class Edge:
    """A way from one state to another; `source` is empty for the way into a level."""

    source: str
    target: str
    kind: EdgeKind = "next"
    label: str = ""


@dataclass(frozen=True)
class Level:
    """One level, with its states in the order of the flow."""

    container: str
    branch: int
    maps: tuple[str, ...]
    """The Map states around it, outermost first."""
    start: str
    names: tuple[str, ...]


class Levels:
    """Every level of a workflow. Names of states are unique in it (Amazon States Language)."""

    def __init__(self, definition: Raw) -> None:
        """Read a definition as the app wrote it."""
        self.states: dict[str, Raw] = {}
        self.level_of: dict[str, Level] = {}
        self.inside: dict[str, list[Level]] = defaultdict(list)
        self.out: dict[str, tuple[Edge, ...]] = {}
        self.top = self._read(definition, "", 0, ())
        self.is_passable = cache(self._is_passable)

    def _read(self, scope: Raw, container: str, branch: int, maps: tuple[str, ...]) -> Level:
        rows = cast(Mapping[str, Raw], scope.get("States", {}))
        states = {name: state for name, state in rows.items() if not name.endswith(PAUSED_SUFFIX)}
        start = str(scope.get("StartAt", ""))
        for name, state in states.items():
            self.out[name] = _merged(edge for edge in _edges(name, state) if edge.target in states)
        level = Level(container, branch, maps, start, tuple(self._ordered(start, states)))
        self.inside[container].append(level)
        for name in level.names:
            state = states[name]
            self.states[name], self.level_of[name] = state, level
            for number, inner in enumerate(state.get("Branches", ())):
                self._read(inner, name, number, maps)
            inner = state.get("ItemProcessor") or state.get("Iterator")
            if inner:
                self._read(inner, name, 0, (*maps, name))
        return level

    def _ordered(self, start: str, states: Mapping[str, Raw]) -> Iterator[str]:
        """Depth first: what a state leads to comes before what its Default and its Catch lead to."""
        seen: set[str] = set()
        todo = [*reversed(list(states)), start]
        while todo:
            name = todo.pop()
            if name in states and name not in seen:
                seen.add(name)
                yield name
                todo.extend(edge.target for edge in reversed(self.out[name]))

    def kind(self, name: str) -> str:
        """The state's Type."""
        return str(self.states[name].get("Type", ""))

    def step_of(self, name: str) -> str:
        """The step that a Task calls, as written in its Resource or in Workflow Studio's FunctionName."""
        state = self.states[name]
        arguments = state.get("Arguments", state.get("Parameters"))
        function = cast(Raw, arguments).get("FunctionName", "") if isinstance(arguments, Mapping) else ""
        places = (str(state.get("Resource", "")), str(function))
        return next((match[1] for match in map(_STEP.fullmatch, places) if match), "")

    def is_end(self, name: str) -> bool:
        """Whether its level may end with it."""
        return bool(self.states[name].get("End")) or self.kind(name) in ("Succeed", "Fail")

    def around(self, name: str) -> tuple[str, ...]:
        """The Map and Parallel states around a state, innermost first."""
        names: list[str] = []
        container = self.level_of[name].container
        while container:
            names.append(container)
            container = self.level_of[container].container
        return tuple(names)

    def child_of(self, level: Level, name: str) -> str:
        """Which state of a level a state is, or is in; empty where it is outside of the level."""
        chain = (name, *self.around(name))
        return next((state for state in chain if self.level_of[state] is level), "")

    def is_silent(self, name: str) -> bool:
        """Whether a run may pass a state without a record: there is one for each Task that is entered, and no other."""
        match self.kind(name):
            case "Task":
                return False
            case "Parallel":
                levels = self.inside[name]
                return all(map(self.is_passable, levels)) or any(self._may_fail_first(level) for level in levels)
            case _:
                return True

    def _is_passable(self, level: Level) -> bool:
        """Whether a level has a way from its beginning to its end on which no Task is."""
        return any(self.is_end(name) and self.kind(name) != "Fail" for name in self._without_records(level))

    def _may_fail_first(self, level: Level) -> bool:
        """Whether a level may come to a Fail state before it enters a Task."""
        return any(self.kind(name) == "Fail" for name in self._without_records(level))

    def _without_records(self, level: Level) -> set[str]:
        """The states that a level may enter before it enters a Task."""
        seen: set[str] = set()
        todo = [level.start]
        while todo:
            name = todo.pop()
            if name not in seen and name in self.states and self.is_silent(name):
                seen.add(name)
                todo.extend(edge.target for edge in self.out[name] if edge.kind != "catch")
        return seen

    def in_order(self, level: Level | None = None) -> Iterator[str]:
        """Every state, in the order of the flow: a container is before what is in it."""
        for name in (level or self.top).names:
            yield name
            for inner in self.inside.get(name, ()):
                yield from self.in_order(inner)


def _edges(name: str, state: Raw) -> Iterator[Edge]:
    if isinstance(state.get("Next"), str):
        yield Edge(name, state["Next"])
    for rule in state.get("Choices", ()):
        yield Edge(name, str(rule.get("Next", "")), "choice", _condition(rule))
    if isinstance(state.get("Default"), str):
        yield Edge(name, state["Default"], "default")
    for row in state.get("Catch", ()):
        yield Edge(name, str(row.get("Next", "")), "catch", ", ".join(map(str, row.get("ErrorEquals", ()))))


def _merged(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """One way for all rules, or catchers, that lead to the same state."""
    rows: dict[tuple[str, EdgeKind], list[Edge]] = defaultdict(list)
    for edge in edges:
        rows[edge.target, edge.kind].append(edge)
    return tuple(
        Edge(same[0].source, target, kind, _short(" or ".join(row.label for row in same)))
        for (target, kind), same in rows.items()
    )


def _short(text: str) -> str:
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def _condition(rule: Raw) -> str:
    """A rule of a Choice in one line."""
    if "Condition" in rule:
        return " ".join(str(rule["Condition"]).strip().removeprefix("{%").removesuffix("%}").split())
    if "Not" in rule:
        return f"not ({_condition(rule['Not'])})"
    for word, join in _JOINS.items():
        if word in rule:
            return join.join(_part(row) for row in cast(Sequence[Raw], rule[word]))
    skipped = ("Variable", "Next", "Comment", "Assign", "Output")
    operator, operand = next(((key, value) for key, value in rule.items() if key not in skipped), ("", None))
    return f"{rule.get('Variable', '')} {operator} {json.dumps(operand, ensure_ascii=False)}"


def _part(rule: Raw) -> str:
    text = _condition(rule)
    return f"({text})" if any(word in rule for word in _JOINS) else text
