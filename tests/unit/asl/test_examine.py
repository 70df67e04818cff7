"""One state alone: its stages, what follows, and how its Retry and Catch answer an error."""

from typing import Any

import pytest

from interlock.asl.errors import StatesError
from interlock.asl.examine import Answer, Examination, examine, find_state, scope_for

TASK: Any = {
    "Type": "Task",
    "Resource": "${f}",
    "Parameters": {"x.$": "$.n"},
    "ResultPath": "$.r",
    "Assign": {"seen.$": "$"},
    "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 2, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.why", "Next": "Other"}],
    "Next": "Done",
}


def examined(fields: Any, value: Any = None, answer: Answer | None = None, language: str = "JSONPath") -> Examination:
    definition: Any = {"QueryLanguage": language, "StartAt": "A", "States": {"A": fields}}
    state = find_state(definition, "A")
    assert state is not None
    return examine(state, value, scope_for(state, {"v": 1}, {}), answer or Answer())


def test_task_with_a_result_succeeds() -> None:
    done = examined(TASK, {"n": 1}, Answer(result=(5,)))
    assert (done.status, done.output, done.next, done.variables) == ("SUCCEEDED", {"n": 1, "r": 5}, "Done", {"seen": 5})
    assert [stage.name for stage in done.stages] == ["Parameters", "Result", "Assign", "ResultPath"]


def test_task_without_a_result_shows_what_its_step_gets() -> None:
    done = examined(TASK, {"n": 1})
    assert (done.status, done.stages[-1].value) == ("NEEDS_RESULT", {"x": 1})


@pytest.mark.parametrize(
    ("error", "retries", "status", "following", "seconds"),
    [("Again", 0, "RETRIABLE", "A", 2), ("Again", 1, "RETRIABLE", "A", 4), ("Again", 2, "CAUGHT_ERROR", "Other", None)],
)
def test_error_is_retried_then_caught(
    error: str, retries: int, status: str, following: str, seconds: float | None
) -> None:
    done = examined(TASK, {"n": 1}, Answer(failure=StatesError(error, "why"), retries=retries))
    assert (done.status, done.next, done.seconds, done.cause) == (status, following, seconds, "why")


def test_wrong_path_fails_past_retry_and_catch() -> None:
    done = examined(TASK, {}, Answer(result=(5,)))
    assert (done.status, done.error) == ("FAILED", "States.Runtime")


def test_choice_names_its_rule() -> None:
    rules = [{"Variable": "$.n", "NumericEquals": 2, "Next": "B"}, {"Variable": "$v", "IsNumeric": True, "Next": "C"}]
    done = examined({"Type": "Choice", "Choices": rules}, {"n": 1})
    assert (done.next, done.rule, done.output) == ("C", 1, {"n": 1})
    assert examined({"Type": "Choice", "Choices": rules[:1]}, {"n": 1}).error == "States.NoChoiceMatched"


def test_wait_says_how_long() -> None:
    done = examined({"Type": "Wait", "Timestamp": "2026-01-01T00:01:00Z", "End": True}, {})
    assert (done.status, done.seconds) == ("SUCCEEDED", 60)


def test_map_shows_its_items() -> None:
    done = examined({"Type": "Map", "Items": "{% $states.input.rows %}", "End": True}, {"rows": [1]}, None, "JSONata")
    assert (done.status, done.stages[0].value) == ("NEEDS_RESULT", [1])
    wrong = examined({"Type": "Map", "Items": "{% 1 %}", "End": True}, {}, None, "JSONata")
    assert wrong.error == "States.QueryEvaluationError"


def test_state_inside_a_branch_is_found_with_its_language() -> None:
    inner: Any = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Output": "{% 1 %}", "End": True}}}
    outer: Any = {
        "QueryLanguage": "JSONata",
        "StartAt": "P",
        "States": {"P": {"Type": "Parallel", "Branches": [inner]}},
    }
    state = find_state(outer, "I")
    assert state is not None and state.jsonata
    assert examine(state, {}, scope_for(state, {}, {}), Answer()).output == 1
    assert find_state(outer, "Z") is None
