"""The states of a run with their data flow: the entries into one place in their order, an attempt's with the last."""

from typing import Any, cast

import pytest

from interlock.cli.runs.states import flows_of, with_flows
from interlock.contract.core.failure import Failure, NotFound, TooLarge, Unavailable
from interlock.contract.state_flow import StateFlow
from interlock.debugger.timeline import TimelineRow


def row(state: str, attempt: int = 0) -> TimelineRow:
    return TimelineRow(state=state, attempt=attempt, status="succeeded", path=(state,))


def flow(state: str, value: int) -> StateFlow:
    return StateFlow(state=state, type="Task", path=(state,), input=value)


def inputs(rows: list[TimelineRow], flows: list[StateFlow]) -> list[object]:
    return [shown.flow.input if shown.flow else None for shown in with_flows(rows, flows)]


def test_entries_into_a_state_meet_their_flows_in_order() -> None:
    rows = [row("A"), row("B"), row("A")]
    assert inputs(rows, [flow("A", 1), flow("B", 2), flow("A", 3)]) == [1, 2, 3]


def test_a_flow_is_shown_with_the_last_attempt_of_an_entry() -> None:
    rows = [row("A"), row("A", 1), row("A", 2), row("A"), row("A", 1)]
    assert inputs(rows, [flow("A", 1), flow("A", 2)]) == [None, None, 1, None, 2]


def test_rows_beyond_what_was_computed_have_no_flow() -> None:
    assert inputs([row("A"), row("A"), row("B")], [flow("A", 1)]) == [1, None, None]


class Refusing:
    """A platform that has no data flow of a run."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        self.recorded_steps = self

    def iterate_flows(self, *_: str) -> list[StateFlow]:
        raise self.failure


@pytest.mark.parametrize("kind", [NotFound, TooLarge, Unavailable])
def test_states_are_there_without_a_flow_and_a_note_says_why(
    kind: type[Failure], capsys: pytest.CaptureFixture[str]
) -> None:
    assert flows_of(cast(Any, Refusing(kind("the run is too large"))), "acme", "a") == []
    assert "Without the data flow: the run is too large." in capsys.readouterr().err
