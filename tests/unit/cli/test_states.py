"""The states of a run with their data flow: the entries into one place in their order, an attempt's with the last."""

from interlock.cli.runs.states import with_flows
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
