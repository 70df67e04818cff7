"""What an execution of a workflow did, and how two of them differ.

Ignored: the hidden `(paused)` states, the order between parallel branches, what was entered inside a Parallel or Map
that failed (its other branches are cut off at any point), and the text of causes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from interlock.contract.asl import PAUSED_SUFFIX
from tests.support.gate_workflows import plain
from tests.support.random_workflows import Raw, nested_in


@dataclass(frozen=True)
class Seen:
    """What one execution did."""

    status: str
    error: str
    output: Any
    entered: tuple[str, ...]
    broken: frozenset[str]
    """Parallel and Map states that failed."""


def seen(status: str, error: str, output: Any, events: list[dict[str, Any]]) -> Seen:
    """What an execution did, by its end and its history."""
    entered = [row["stateEnteredEventDetails"]["name"] for row in events if row["type"].endswith("StateEntered")]
    return Seen(status, error, plain(output), tuple(entered), failed_scopes(events))


def visited_tasks(raw: Raw, before: Seen) -> list[str]:
    """The Task states that were entered."""
    states = all_states(raw)
    return sorted({name for name in before.entered if states[name]["Type"] == "Task"})


def failed_scopes(events: list[dict[str, Any]]) -> frozenset[str]:
    """The Parallel and Map states of which an attempt failed."""
    by_id = {row["id"]: row for row in events}
    names: set[str] = set()
    for row in events:
        if row["type"] in ("ParallelStateFailed", "MapStateFailed"):
            names |= entered_above(row, by_id)
    return frozenset(names)


def entered_above(row: dict[str, Any], by_id: dict[int, dict[str, Any]]) -> set[str]:
    """Every Parallel and Map that was entered on the way to an event."""
    names: set[str] = set()
    while row["previousEventId"]:
        row = by_id[row["previousEventId"]]
        if row["type"] in ("ParallelStateEntered", "MapStateEntered"):
            names.add(row["stateEnteredEventDetails"]["name"])
    return names


def differences(raw: Raw, before: Seen, after: Seen, stopped: str = "") -> list[str]:
    """How two executions of a workflow differ; the second one may have been stopped at a Task."""
    rows: list[str] = []
    if (before.status, before.error) != (after.status, after.error):
        rows.append(f"{before.status} {before.error} became {after.status} {after.error}")
    if before.output != after.output:
        rows.append(f"output {before.output} became {after.output}")
    loose: set[str] = set()
    for name in before.broken | after.broken:
        loose |= nested_in(raw, name)
    inside = {name for name, state in all_states(raw).items() if state["Type"] in ("Parallel", "Map")}
    nested = set[str]().union(*(nested_in(raw, name) for name in inside))
    entered = list(after.entered)
    if stopped:
        # After its pause a state is entered anew.
        for name in [name for name in entered if name.endswith(PAUSED_SUFFIX)]:
            entered.remove(name)
            if name.startswith("Stop "):
                entered.remove(stopped)
    first, second = (Counter(name for name in names if name not in loose) for names in (before.entered, entered))
    if first != second:
        rows.append(f"entered {first - second} no more, {second - first} besides")
    if not stopped:
        top = [[name for name in names if name not in nested] for names in (before.entered, after.entered)]
        if top[0] != top[1]:
            rows.append(f"order {top[0]} became {top[1]}")
        if not loose and len(before.entered) != len(after.entered):
            rows.append(f"{len(before.entered)} transitions became {len(after.entered)}")
    return rows


def all_states(raw: Raw) -> dict[str, Raw]:
    """Every state by its name."""
    result: dict[str, Raw] = {}
    for name, state in raw["States"].items():
        result[name] = state
        for part in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])):
            result |= all_states(part)
    return result
