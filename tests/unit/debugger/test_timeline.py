"""Which state a failed execution blames, where Step Functions writes no event of the state's own."""

from typing import Any

import pytest

from interlock.debugger.graph import build
from interlock.debugger.timeline import timeline


def event(number: int, previous: int, kind: str, name: str = "") -> dict[str, Any]:
    key = "stateEnteredEventDetails" if kind.endswith("Entered") else "stateExitedEventDetails"
    details = {key: {"name": name}} if name else {}
    return {"id": number, "previousEventId": previous, "type": kind, "timestamp": "2026-01-01T00:00:00Z"} | details


def statuses(events: list[dict[str, Any]]) -> dict[str, str]:
    return {row.state: row.status for row in timeline(build(events))}


@pytest.mark.parametrize("kind", ["Pass", "Choice", "Task", "Wait"])
def test_a_state_that_step_functions_failed_itself_is_failed(kind: str) -> None:
    events = [
        event(1, 0, "ExecutionStarted"),
        event(2, 0, "PassStateEntered", "First"),
        event(3, 2, "PassStateExited", "First"),
        event(4, 3, f"{kind}StateEntered", "Second"),
        event(5, 4, "ExecutionFailed"),
    ]
    assert statuses(events) == {"First": "succeeded", "Second": "failed"}


def test_the_map_around_a_failed_state_is_failed_too() -> None:
    started = {"id": 4, "previousEventId": 3, "type": "MapIterationStarted", "timestamp": "2026-01-01T00:00:00Z"}
    events = [
        event(1, 0, "ExecutionStarted"),
        event(2, 0, "MapStateEntered", "Each"),
        {"id": 3, "previousEventId": 2, "type": "MapStateStarted", "timestamp": "2026-01-01T00:00:00Z"},
        started | {"mapIterationStartedEventDetails": {"name": "Each", "index": 0}},
        event(5, 4, "PassStateEntered", "Inner"),
        event(6, 5, "ExecutionFailed"),
    ]
    assert statuses(events) == {"Each": "failed", "Inner": "failed"}


def test_a_state_of_an_aborted_execution_is_aborted() -> None:
    events = [event(1, 0, "ExecutionStarted"), event(2, 0, "WaitStateEntered", "Wait"), event(3, 2, "ExecutionAborted")]
    assert statuses(events) == {"Wait": "aborted"}
