"""Histories become graphs without loss, and the graphs say what happened."""

import json
import random
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.debugger.graph import Kind, Node, build, flatten
from interlock.debugger.items import nested_items
from interlock.debugger.timeline import status_of, timeline

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "aws-histories.json"
HISTORIES: list[dict[str, Any]] = json.loads(RECORDED.read_text()) if RECORDED.exists() else []
ABSENT = pytest.mark.skipif(not HISTORIES, reason="shared data: aws-histories.json")
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MODEL: Any = botocore.session.get_session().get_service_model("stepfunctions")
TYPES: list[str] = MODEL.shape_for("HistoryEventType").enum
DETAILS: list[str] = [name for name in MODEL.shape_for("HistoryEvent").members if name.endswith("EventDetails")]


def held(root: Node) -> list[int]:
    return sorted(event.ordinal for node in root.walk() for event in node.events)


def lossless(events: list[dict[str, Any]]) -> Node:
    root = build(events)
    assert held(root) == list(range(len(events)))
    assert flatten(root) == events
    for node in root.walk():
        assert all(child.parent is node for child in node.children)
    timeline(root)
    return root


class History:
    """Writes a history as AWS does: consecutive ids, each event with the one that led to it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.add("ExecutionStarted", 0, executionStartedEventDetails={"input": "{}"})

    def add(self, type_: str, previous: int, **details: Any) -> int:
        at = START + timedelta(seconds=len(self.events))
        event = {"id": len(self.events) + 1, "previousEventId": previous, "timestamp": at, "type": type_}
        self.events.append(event | details)
        return len(self.events)

    def entered(self, kind: str, name: str, previous: int) -> int:
        return self.add(f"{kind}StateEntered", previous, stateEnteredEventDetails={"name": name, "input": '{"a": 1}'})

    def exited(self, kind: str, name: str, previous: int) -> int:
        return self.add(f"{kind}StateExited", previous, stateExitedEventDetails={"name": name, "output": "[2]"})

    def task(self, name: str, previous: int, failures: int = 0) -> int:
        at = self.entered("Task", name, previous)
        for ordinal in range(failures + 1):
            at = self.add("TaskStarted", self.add("TaskScheduled", at, taskScheduledEventDetails={"parameters": "{}"}))
            good = ordinal == failures
            details = {"taskSucceededEventDetails": {"output": "1"}} if good else {"taskFailedEventDetails": BROKEN}
            at = self.add("TaskSucceeded" if good else "TaskFailed", at, **details)
        return self.exited("Task", name, at)


BROKEN = {"error": "Broken", "cause": "it broke"}


@ABSENT
@pytest.mark.parametrize("history", HISTORIES, ids=[row["name"] for row in HISTORIES])
@pytest.mark.parametrize("form", ["as recorded", "as text", "no previous", "shuffled"])
def test_a_history_recorded_from_aws_is_read_without_loss(history: dict[str, Any], form: str) -> None:
    events: list[dict[str, Any]] = json.loads(json.dumps(history["events"]))
    for event in events if form == "as text" else []:
        for details in event.values():
            for word in ("input", "output", "parameters", "cause") if isinstance(details, dict) else ():
                if word in details:
                    details[word] = json.dumps(details[word])
    for event in events if form == "no previous" else []:
        event.pop("previousEventId")
    if form == "shuffled":
        random.Random(7).shuffle(events)
    root = lossless(events)
    assert form != "as recorded" or all(node.name for node in root.walk() if node.kind is Kind.STATE)


@ABSENT
def test_a_recorded_history_says_what_happened() -> None:
    name = "test_map_catch_error[MAP_CATCH_ERROR_OUTPUT_WITH_RETRY]#get_execution_history"
    root = lossless(next(row["events"] for row in HISTORIES if row["name"] == name))
    rows = [(row.state, row.attempt, row.status, row.path) for row in timeline(root)]
    assert rows == [
        ("ProcessItems", 0, "failed", ("ProcessItems",)),
        ("ProcessItem", 0, "failed", ("ProcessItems", "[0]", "ProcessItem")),
        ("ProcessItem", 1, "failed", ("ProcessItems", "[0]", "ProcessItem")),
        ("Fallback", 0, "failed", ("ProcessItems", "[0]", "Fallback")),
    ]
    assert status_of(root) == "failed"


@pytest.mark.parametrize("type_", [*TYPES, "SomethingNewHappened", "LoopStateEntered", "TaskStatePondered", ""])
def test_one_event_of_every_type_is_kept(type_: str) -> None:
    """Alone, first, and after a Task that runs; with every kind of detail."""
    lossless([{"id": 1, "type": type_, "timestamp": START}])
    for details in [*DETAILS, "somethingNewHappenedEventDetails"]:
        history = History()
        started = history.add("TaskStarted", history.add("TaskScheduled", history.entered("Task", "A", 1)))
        history.add(type_, started, **{details: {"name": "A", "index": 0, "error": "E", "other": [1]}})
        history.add(type_, 0, **{details: {}})
        lossless(history.events)


def test_every_type_in_one_history() -> None:
    history = History()
    for type_ in TYPES * 2:
        history.add(type_, random.Random(type_).randrange(0, len(history.events) + 1))
    lossless(history.events)


def test_an_unknown_event_stays_with_the_state_that_it_follows() -> None:
    history = History()
    entered = history.entered("Wait", "Nap", 1)
    history.add("WaitStateDreamt", entered)
    root = lossless(history.events)
    assert [event.type for event in root.children[0].events] == ["WaitStateEntered", "WaitStateDreamt"]


def test_attempts_of_a_task() -> None:
    history = History()
    history.add("ExecutionSucceeded", history.task("A", 1, failures=2), executionSucceededEventDetails={"output": "3"})
    root = lossless(history.events)
    (state,) = root.children
    assert [child.kind for child in state.children] == [Kind.ATTEMPT] * 3
    assert [(row.attempt, row.status, row.error) for row in timeline(root)] == [
        (0, "failed", "Broken"),
        (1, "failed", "Broken"),
        (2, "succeeded", ""),
    ]
    assert (state.input, state.output, root.output, status_of(state)) == ({"a": 1}, [2], 3, "succeeded")
    first = timeline(root)[0]
    assert (first.start, first.end) == ("2026-01-02T03:04:07.000Z", "2026-01-02T03:04:09.000Z")


def test_branches_that_interleave() -> None:
    history = History()
    started = history.add("ParallelStateStarted", history.entered("Parallel", "Both", 1))
    left = history.entered("Task", "Left", started)
    right = history.entered("Task", "Right", started)
    left = history.add("TaskScheduled", left)
    right = history.add("TaskScheduled", right)
    right = history.add("TaskSucceeded", right)
    left = history.add("TaskFailed", left, taskFailedEventDetails=BROKEN)
    right = history.exited("Task", "Right", right)
    history.exited("Pass", "After", history.entered("Pass", "After", right))
    history.add("ParallelStateFailed", left)
    history.add("ExecutionFailed", left, executionFailedEventDetails=BROKEN)
    root = lossless(history.events)
    (both,) = root.children
    assert [child.kind for child in both.children] == [Kind.BRANCH, Kind.BRANCH]
    assert [[state.name for state in branch.children] for branch in both.children] == [["Left"], ["Right", "After"]]
    assert {row.path[-1]: row.status for row in timeline(root)} == {
        "Both": "failed",
        "Left": "failed",
        "Right": "succeeded",
        "After": "succeeded",
    }


def test_iterations_that_interleave_and_a_map_in_a_map() -> None:
    history = History()
    outer = history.add("MapStateStarted", history.entered("Map", "Rows", 1), mapStateStartedEventDetails={"length": 2})
    ends = [
        history.add("MapIterationStarted", outer, mapIterationStartedEventDetails={"name": "Rows", "index": index})
        for index in range(2)
    ]
    inner = [history.add("MapStateStarted", history.entered("Map", "Cells", end)) for end in ends]
    for index in (1, 0):
        details = {"name": "Cells", "index": 0}
        at = history.add("MapIterationStarted", inner[index], mapIterationStartedEventDetails=details)
        at = history.add("MapIterationSucceeded", history.task("Look", at), mapIterationSucceededEventDetails=details)
        at = history.exited("Map", "Cells", history.add("MapStateSucceeded", at))
        details = {"name": "Rows", "index": index}
        ends[index] = history.add("MapIterationSucceeded", at, mapIterationSucceededEventDetails=details)
    history.exited("Map", "Rows", history.add("MapStateSucceeded", ends[0]))
    root = lossless(history.events)
    paths = [row.path for row in timeline(root) if row.state == "Look"]
    assert paths == [("Rows", "[1]", "Cells", "[0]", "Look"), ("Rows", "[0]", "Cells", "[0]", "Look")]
    assert [(child.index, child.closed) for child in root.children[0].children] == [(0, True), (1, True)]
    nodes = {node.path: node.events[0].at for node in root.walk() if node.name == "Look" and node.kind is Kind.STATE}
    visits = {("Look", at, 0): (int(path[1][1:-1]), 0) for path, at in nodes.items()}
    assert nested_items(root) == visits and set(visits.values()) == {(0, 0), (1, 0)}


def test_stopped_items_and_branches_are_aborted_in_place() -> None:
    """AWS writes TaskStateAborted without a name behind the end of the item, and for the failed state too."""
    history = History()
    started = history.add("MapStateStarted", history.entered("Map", "Rows", 1))
    rows = [{"name": "Rows", "index": index} for index in range(3)]
    begun = [history.add("MapIterationStarted", started, mapIterationStartedEventDetails=row) for row in rows]
    tasks = [history.add("TaskScheduled", history.entered("Task", "Look", at)) for at in begun]
    failed = history.add("TaskFailed", tasks[0], taskFailedEventDetails=BROKEN)
    history.add("MapIterationFailed", failed, mapIterationFailedEventDetails=rows[0])
    aborted = [history.add("TaskStateAborted", failed)]
    for row in rows[1:]:
        history.add("MapIterationAborted", failed, mapIterationAbortedEventDetails=row)
        aborted.append(history.add("TaskStateAborted", failed))
    at = history.exited("Map", "Rows", history.add("MapStateFailed", failed))
    both = history.add("ParallelStateStarted", history.entered("Parallel", "Both", at))
    branches = [history.add("TaskScheduled", history.entered("Task", name, both)) for name in ("One", "Two")]
    failed = history.add("TaskFailed", branches[1], taskFailedEventDetails=BROKEN)
    aborted += [history.add("TaskStateAborted", failed) for _ in branches]
    at = history.exited("Parallel", "Both", history.add("ParallelStateFailed", failed))
    history.add("ExecutionSucceeded", at)
    root = lossless(history.events)
    places = {event.id: node.path for node in root.walk() for event in node.events}
    assert [places[at] for at in aborted] == [
        ("Rows", "[0]", "Look"), ("Rows", "[1]", "Look"), ("Rows", "[2]", "Look"),
        ("Both", "{1}", "Two"), ("Both", "{0}", "One"),
    ]  # fmt: skip
    assert [(row.state, row.status) for row in timeline(root)] == [
        ("Rows", "caught"), ("Look", "failed"), ("Look", "aborted"), ("Look", "aborted"),
        ("Both", "caught"), ("One", "aborted"), ("Two", "failed"),
    ]  # fmt: skip


def test_visits_of_the_same_millisecond_have_no_items() -> None:
    history = History()
    outer = history.add("MapStateStarted", history.entered("Map", "Rows", 1))
    for index in range(2):
        at = history.add("MapIterationStarted", outer, mapIterationStartedEventDetails={"name": "Rows", "index": index})
        at = history.add("MapStateStarted", history.entered("Map", "Cells", at))
        at = history.add("MapIterationStarted", at, mapIterationStartedEventDetails={"name": "Cells", "index": 0})
        history.entered("Task", "Look", at)
        history.events[-1]["timestamp"] = START
    assert nested_items(build(history.events)) == {}


def test_a_redriven_execution_goes_on_in_the_state_that_failed() -> None:
    history = History()
    at = history.add("TaskScheduled", history.entered("Task", "A", 1))
    at = history.add("ExecutionFailed", history.add("TaskFailed", at, taskFailedEventDetails=BROKEN))
    at = history.add("ExecutionRedriven", at, executionRedrivenEventDetails={"redriveCount": 1})
    at = history.add("TaskSucceeded", history.add("TaskScheduled", at))
    root = lossless(history.events)
    assert status_of(root) == "running"
    history.add("ExecutionSucceeded", history.exited("Task", "A", at))
    root = lossless(history.events)
    assert [row.status for row in timeline(root)] == ["failed", "succeeded"]
    assert status_of(root) == "succeeded"


EVENT: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"type": st.sampled_from([*TYPES, "Unknown"])},
    optional={
        "id": st.integers(0, 12) | st.just([0]) | st.text(max_size=3),
        "previousEventId": st.integers(0, 14) | st.none(),
        "timestamp": st.datetimes() | st.text(max_size=8) | st.integers(),
        "stateEnteredEventDetails": st.fixed_dictionaries({"name": st.sampled_from("AB")}),
        "mapIterationStartedEventDetails": st.fixed_dictionaries(
            {"name": st.sampled_from("AB"), "index": st.integers(0, 2)}
        ),
    },
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENT, max_size=30))
def test_nothing_that_looks_like_a_history_is_lost(events: list[dict[str, Any]]) -> None:
    lossless(events)


def big() -> Iterator[dict[str, Any]]:
    """25,000 events: a Map of 2,500 items, 40 at a time, each a Task that fails once."""
    history = History()
    started = history.add("MapStateStarted", history.entered("Map", "All", 1))
    index = 0
    while len(history.events) < 25_000 - 400:
        batch = [
            history.add("MapIterationStarted", started, mapIterationStartedEventDetails={"name": "All", "index": at})
            for at in range(index, index + 40)
        ]
        batch = [history.entered("Task", "One", at) for at in batch]
        for type_ in ("TaskScheduled", "TaskFailed", "TaskScheduled", "TaskSucceeded"):
            batch = [history.add(type_, at) for at in batch]
        batch = [history.exited("Task", "One", at) for at in batch]
        for offset, at in enumerate(batch):
            details = {"name": "All", "index": index + offset}
            started = history.add("MapIterationSucceeded", at, mapIterationSucceededEventDetails=details)
        index += 40
    while len(history.events) < 25_000:
        started = history.exited("Pass", "Fill", history.entered("Pass", "Fill", started))
    yield from history.events


@pytest.mark.parametrize("chained", [True, False], ids=["with previousEventId", "without"])
def test_25_000_events_take_less_than_2_s_and_300_mb(chained: bool) -> None:
    events = list(big())
    for event in events if not chained else []:
        del event["previousEventId"]
    began = time.process_time()
    root = build(events)
    rows = timeline(root)
    taken = time.process_time() - began
    assert len(events) >= 25_000
    assert len(rows) > 4_000
    assert taken < 2, f"{taken:.2f} s"
    tracemalloc.start()
    root = build(events)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300 * 1024 * 1024
    assert flatten(root) == events
