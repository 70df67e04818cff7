"""Which states and ways a run passed of which there are no records, by the Tasks that it visited. Pure.

A level has one state at a time. So between two visits of one level lies a way on which no Task is: where there is only
one, the run took it; where there are several, the records leave open which.
What they can't tell: that a Task's own fields failed after its step had succeeded, and a Catch took that error.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from interlock.asl.errors import matches
from interlock.contract.run_graph import ItemCounts, StateStatus
from interlock.debugger.levels import CONTAINERS, Edge, Level, Levels

OPEN = (StateStatus.RUNNING, StateStatus.PAUSED)
END = ""
"""As a goal: the end of the level."""
Outcome = Literal["done", "open", "failed", "aborted", "cut"]
"""Of a level; `cut` where another branch or item failed: nobody knows how far this one came."""
_FAILURES = (StateStatus.FAILED, StateStatus.CAUGHT)
_NOT_LEFT: Mapping[Outcome, StateStatus] = {
    "done": StateStatus.SUCCEEDED,
    "open": StateStatus.RUNNING,
    "failed": StateStatus.FAILED,
    "aborted": StateStatus.ABORTED,
    "cut": StateStatus.ABORTED,
}


@dataclass(frozen=True)
class StateVisit:
    """One visit of a Task."""

    state: str
    index: int | None
    entered: str
    ended: str
    """Empty while it goes on."""
    status: StateStatus
    attempts: int = 1
    error: str = ""
    largest_bytes: int = 0


@dataclass
class Passages:
    """What a run passed beside its Tasks."""

    counts: dict[str, Counter[StateStatus]] = field(default_factory=lambda: defaultdict(Counter))
    edges: dict[Edge, bool | None] = field(default_factory=dict[Edge, bool | None])
    possible: set[str] = field(default_factory=set[str])
    """States that the run may have passed."""
    items: dict[str, ItemCounts] = field(default_factory=dict[str, ItemCounts])

    def take(self, edge: Edge, *, certain: bool = True) -> None:
        """Note that the run went a way, or may have."""
        if edge.source:
            self.edges[edge] = True if certain else self.edges.get(edge)


class Inference:
    """Goes through the levels of a workflow with the visits of a run."""

    def __init__(self, levels: Levels, failed_state: str) -> None:
        """Take the workflow, and the state in which the run failed, where that is known."""
        self.levels, self.failed_state = levels, failed_state
        self.passages = Passages()

    def run(self, visits: Sequence[StateVisit], outcome: Outcome) -> Passages:
        """What a whole run passed, by its visits in the order in which they began."""
        self.level(self.levels.top, visits, outcome)
        if self.failed_state in self.levels.states and not self.passages.counts[self.failed_state][StateStatus.FAILED]:
            self.passages.counts[self.failed_state][StateStatus.FAILED] += 1
        return self.passages

    def level(self, level: Level, visits: Sequence[StateVisit], outcome: Outcome) -> bool:
        """Note what one entry into a level passed.

        Args:
            level: the level.
            visits: those of this entry, in the order in which they began.
            outcome: what became of the level.

        Returns:
            Whether its end was reached.
        """
        exits: Sequence[Edge] | None = (Edge("", level.start),)
        entries = self._entries(level, visits)
        for at, (child, rows) in enumerate(entries):
            if not self._pass(exits or (), {child}):
                # A Retry of what is around the level began it anew.
                self._leave_open(exits or ())
                self._pass((Edge("", level.start),), {child})
            is_left = at < len(entries) - 1 or (outcome == "failed" and self._is_behind(level, child))
            exits = self._exits(child, rows, "done" if is_left else outcome)
        if exits is None and outcome == "cut" and entries[-1][0] != entries[-1][1][-1].state:
            self._leave_open(list(self._onward(entries[-1][0])))
        return exits is not None and self._finish(exits, outcome)

    def _is_behind(self, level: Level, child: str) -> bool:
        """Whether the run failed in a state of the level that is not `child`."""
        return self._blamed(level) not in ("", child)

    def _entries(self, level: Level, visits: Sequence[StateVisit]) -> list[tuple[str, list[StateVisit]]]:
        """The states of a level in the order of their visits; those in a container are one visit of it."""
        entries: list[tuple[str, list[StateVisit]]] = []
        for visit in visits:
            child = self.levels.child_of(level, visit.state)
            if entries and entries[-1][0] == child and child != visit.state:
                entries[-1][1].append(visit)
            else:
                entries.append((child, [visit]))
        return entries

    def _exits(self, child: str, rows: Sequence[StateVisit], outcome: Outcome) -> Sequence[Edge] | None:
        """The ways by which a state was left; None where it was not."""
        status, error = rows[-1].status, rows[-1].error
        if self.levels.kind(child) in CONTAINERS:
            may_fail = self._may_fail(child, rows)
            status, error = self._container(child, rows, "cut" if may_fail and outcome == "done" else outcome)
            if may_fail:
                return None if status is StateStatus.FAILED else self.levels.out[child]
        match status:
            case StateStatus.CAUGHT:
                return self._caught(child, error)
            case StateStatus.SUCCEEDED | StateStatus.REUSED:
                return [edge for edge in self.levels.out[child] if edge.kind != "catch"]
            case _:
                return None

    def _may_fail(self, child: str, rows: Sequence[StateVisit]) -> bool:
        """Whether a container may have been left by its Catch though no visit in it failed: by a Fail state."""
        has_catch = any(edge.kind == "catch" for edge in self.levels.out[child])
        names = (name for level in self.levels.inside[child] for name in self.levels.in_order(level))
        return has_catch and any(self.levels.kind(name) == "Fail" for name in names)

    def _caught(self, child: str, error: str) -> Sequence[Edge]:
        rows = self.levels.states[child].get("Catch", ())
        target = next((str(row.get("Next")) for row in rows if matches(row.get("ErrorEquals", ()), error)), "")
        return [edge for edge in self.levels.out[child] if edge.kind == "catch" and edge.target == target]

    def _container(self, child: str, rows: Sequence[StateVisit], outcome: Outcome) -> tuple[StateStatus, str]:
        """What became of an entry into a Map or Parallel, after what is in it was noted."""
        last = latest(rows, by_item=len(self.levels.inside[child][0].maps) < 2)
        failures = [row for row in last if row.status is StateStatus.FAILED or self._leaves(child, row)]
        error = failures[-1].error if failures else ""
        if failures and self._caught(child, error):
            status, outcome = StateStatus.CAUGHT, "failed"
        elif failures and outcome != "done":
            status, outcome = StateStatus.FAILED, "failed"
        elif any(row.status in OPEN for row in last):
            is_paused = all(row.status is StateStatus.PAUSED for row in last if row.status in OPEN)
            status, outcome = StateStatus.PAUSED if is_paused else StateStatus.RUNNING, "open"
        else:
            is_reused = all(row.status is StateStatus.REUSED for row in rows)
            status = StateStatus.REUSED if is_reused else StateStatus.SUCCEEDED
        ended = self._inside(child, rows, outcome)
        if status in (StateStatus.SUCCEEDED, StateStatus.REUSED) and not (ended and self._is_left(child, outcome)):
            status = _NOT_LEFT[outcome]
        self.passages.counts[child][status] += 1
        return status, error

    def _is_left(self, child: str, outcome: Outcome) -> bool:
        """Whether a container in which nothing is open was left: a Task behind it would have a record by now."""
        onward = list(self._onward(child))
        return outcome != "open" or any(self.levels.is_silent(edge.target) for edge in onward)

    def _leaves(self, child: str, row: StateVisit) -> bool:
        """Whether a failure that was caught was caught by a container, and not in it."""
        if row.status is not StateStatus.CAUGHT:
            return False
        names = (row.state, *self.levels.around(row.state))
        return not any(self._caught(name, row.error) for name in names[: names.index(child)])

    def _inside(self, child: str, rows: Sequence[StateVisit], outcome: Outcome) -> bool:
        """Note what one entry into a container passed; whether all that is in it ended."""
        levels = self.levels.inside[child]
        if self.levels.kind(child) == "Map":
            return self._items(child, levels[0], rows, outcome)
        by_branch: dict[int, list[StateVisit]] = defaultdict(list)
        for row in rows:
            by_branch[self._branch(child, row.state)].append(row)
        parts = [(level, by_branch[level.branch]) for level in levels]
        return all([self.level(level, part, self._own(level, part, outcome)) for level, part in parts])

    def _own(self, level: Level, visits: Sequence[StateVisit], outcome: Outcome) -> Outcome:
        """What became of one branch or item: where another one failed, nobody knows how far this one came."""
        is_blamed = bool(self._blamed(level)) and self.levels.kind(level.container) == "Parallel"
        if outcome == "failed" and not is_blamed and not any(visit.status in _FAILURES for visit in visits):
            return "cut"
        return outcome

    def _blamed(self, level: Level) -> str:
        """The state of a level in which the run failed, or which that is in; empty for none."""
        return self.levels.child_of(level, self.failed_state) if self.failed_state in self.levels.states else ""

    def _branch(self, container: str, state: str) -> int:
        chain = (state, *self.levels.around(state))
        return self.levels.level_of[chain[chain.index(container) - 1]].branch

    def _items(self, child: str, level: Level, rows: Sequence[StateVisit], outcome: Outcome) -> bool:
        if self.levels.is_passable(level):
            # An item that entered no Task has no record.
            self._pass((Edge("", level.start), Edge("", "")), {END}, certain_goal=False)
        if len(level.maps) > 1 or any(self.levels.level_of[row.state].maps != level.maps for row in rows):
            return self._mixed(level, rows, outcome)
        items: dict[int | None, list[StateVisit]] = defaultdict(list)
        for row in rows:
            items[row.index].append(row)
        ended = sum([self.level(level, item, self._own(level, item, outcome)) for item in items.values()])
        failed = sum(item[-1].status is StateStatus.FAILED or self._leaves(child, item[-1]) for item in items.values())
        is_whole = outcome == "done" and not self.levels.is_passable(level)
        counts = ItemCounts(total=len(items) if is_whole else None, begun=len(items), ended=ended, failed=failed)
        self.passages.items[child] = counts
        return ended == len(items)

    def _mixed(self, level: Level, rows: Sequence[StateVisit], outcome: Outcome) -> bool:
        """Visits of items of a Map in a Map, or around one, are not told apart: what is certain of each is noted."""
        by_child: dict[str, list[StateVisit]] = defaultdict(list)
        for row in rows:
            by_child[self.levels.child_of(level, row.state)].append(row)
        goals = {*by_child, END}
        self._pass((Edge("", level.start),), goals, certain_goal=False)
        for child, same in by_child.items():
            is_container = self.levels.kind(child) in CONTAINERS
            alike = (
                [same] if is_container else [[row] for row in {(row.status, row.error): row for row in same}.values()]
            )
            for visits in alike:
                exits = self._exits(child, visits, outcome)
                self._pass(exits or (), goals, certain_goal=False)
                if is_container and exits is None:
                    self._leave_open(list(self._onward(child)))
        return outcome == "done" or not any(row.status in OPEN for row in rows)

    def _finish(self, exits: Sequence[Edge], outcome: Outcome) -> bool:
        """Note what follows the last visit of a level; whether the end was reached."""
        if not exits:
            return True
        match outcome:
            case "done":
                return self._pass(exits, {END})
            case "failed":
                return self._fail(exits)
            case "open" | "aborted":
                return self._walk(exits, _NOT_LEFT[outcome])
            case "cut":
                return self._leave_open(exits)

    def _fail(self, exits: Sequence[Edge]) -> bool:
        level = self.levels.level_of.get(exits[0].target)
        names = level.names if level else ()
        blamed = self._blamed(level) if level else ""
        goals = {blamed} if blamed else {name for name in names if self.levels.kind(name) == "Fail"}
        if not self._pass(exits, goals):
            return self._leave_open(exits)
        if len(goals) == 1:
            name = next(iter(goals))
            self.passages.counts[name][StateStatus.FAILED] += 1
            self._through(name, "failed")
        return False

    def _leave_open(self, exits: Sequence[Edge]) -> bool:
        """Note every way on which no Task is as possible."""
        todo, seen = list(exits), set[Edge]()
        while todo:
            edge = todo.pop()
            if edge in seen:
                continue
            seen.add(edge)
            self.passages.take(edge, certain=False)
            if self.levels.is_silent(edge.target):
                self.passages.possible.add(edge.target)
                self._through(edge.target, "cut")
                todo.extend(self._onward(edge.target))
        return False

    def _walk(self, exits: Sequence[Edge], rest: StateStatus) -> bool:
        """Follow the only way as far as it goes; the state where the run may rest gets a status."""
        seen: set[str] = set()
        while len(exits) == 1 and exits[0].target not in seen:
            self.passages.take(exits[0])
            name = exits[0].target
            seen.add(name)
            if not self.levels.is_silent(name):
                return False
            exits = [edge for edge in self.levels.out[name] if edge.kind != "catch"]
            if self.levels.kind(name) in ("Wait", *CONTAINERS) or len(exits) > 1:
                self.passages.counts[name][rest] += 1
                self._through(name, "open" if rest is StateStatus.RUNNING else "cut")
                return False
            self.passages.counts[name][StateStatus.SUCCEEDED] += 1
            if self.levels.is_end(name):
                return True
        return False

    def _pass(self, exits: Sequence[Edge], goals: Collection[str], *, certain_goal: bool = True) -> bool:
        """Note the ways from some exits to a goal on which no Task is; whether there is one."""
        inner = self._on_the_way(exits, goals)
        firsts = [edge for edge in exits if edge.target in inner or edge.target in goals]
        edges = [edge for name in inner for edge in self._onward(name) if edge.target in inner or edge.target in goals]
        if not firsts:
            return False
        ends = {name for name in inner if END in goals and self.levels.is_end(name)}
        out = {name: [row for row in edges if row.source == name] for name in inner}
        certain, passed = _only_way(firsts, out, goals, ends)
        for edge in (*firsts, *edges):
            self.passages.take(edge, certain=certain_goal and edge in certain or len(exits) == 1 and edge in exits)
        for name in inner:
            if name in passed and (certain_goal or (len(firsts) == 1 and firsts[0].target == name)):
                self.passages.counts[name][StateStatus.SUCCEEDED] += 1
                self._through(name, "done")
            else:
                self.passages.possible.add(name)
                self._through(name, "cut")
        return True

    def _through(self, name: str, outcome: Outcome) -> None:
        """Note what lies in a container that was passed without a record; a Map may have had no items."""
        for level in self.levels.inside.get(name, ()):
            if self.levels.kind(name) == "Map" or outcome == "cut" or not self.levels.is_passable(level):
                self._leave_open((Edge("", level.start),))
            else:
                self.level(level, (), self._own(level, (), outcome))

    def _onward(self, name: str) -> Iterable[Edge]:
        """The ways from a state without records; a container may fail before it enters a Task."""
        is_container = self.levels.kind(name) in CONTAINERS
        return (edge for edge in self.levels.out[name] if is_container or edge.kind != "catch")

    def _on_the_way(self, exits: Sequence[Edge], goals: Collection[str]) -> list[str]:
        """The states without records between some exits and the goals."""
        forward: dict[str, None] = {}
        todo = [edge.target for edge in exits if edge.target not in goals]
        while todo:
            name = todo.pop()
            if name not in forward and name in self.levels.states and self.levels.is_silent(name):
                forward[name] = None
                todo.extend(edge.target for edge in self._onward(name) if edge.target not in goals)
        leads = {
            name for name in forward if END in goals and self.levels.is_end(name) and self.levels.kind(name) != "Fail"
        }
        while True:
            more = {
                name
                for name in forward
                if name not in leads
                and any(edge.target in leads or edge.target in goals for edge in self._onward(name))
            }
            if not more:
                return [name for name in forward if name in leads]
            leads |= more


def latest(visits: Sequence[StateVisit], *, by_item: bool) -> list[StateVisit]:
    """The last visit of each state and item; all of them where items are not told apart."""
    if not by_item:
        return list(visits)
    return list({(visit.state, visit.index): visit for visit in visits}.values())


def _only_way(
    firsts: Sequence[Edge], out: Mapping[str, Sequence[Edge]], goals: Collection[str], ends: Collection[str]
) -> tuple[set[Edge], set[str]]:
    """The edges and states that are on every way: those before the first fork, and behind the last meeting."""
    edges: set[Edge] = set()
    names: set[str] = set()
    here: Sequence[Edge] = firsts
    while len(here) == 1 and here[0] not in edges:
        edges.add(here[0])
        name = here[0].target
        if name in goals:
            return edges, names
        names.add(name)
        here = out.get(name, ()) if name not in ends else ()
    back = [edge for rows in (firsts, *out.values()) for edge in rows if edge.target in goals]
    while len(back) == 1 and back[0] not in edges and END not in goals:
        edges.add(back[0])
        name = back[0].source
        if not name or name in names:
            break
        names.add(name)
        back = [edge for rows in (firsts, *out.values()) for edge in rows if edge.target == name]
    return edges, names
