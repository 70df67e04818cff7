"""The engine answers as AWS does: each recorded case runs through the engine's own interpreter, in this process."""

import json
from pathlib import Path
from typing import Any

import pytest

from interlock.asl.values import MAX_BYTES, equal
from tests.support.language_cases import CASES as LANGUAGE
from tests.support.language_cases import Error
from tests.support.machines import FUNCTION, Machines, interpreter

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "asl"
ABSENT = pytest.mark.skipif(not CASES.exists(), reason="shared cases: asl")
PLATFORM = ("b1 ", "b2 ")
"""Cases that rest on the platform's spilling: tests/local/gate/test_spill.py has them."""


def load(name: str) -> Any:
    return json.loads((CASES / name).read_text()) if CASES.exists() else []


ONE_EXPRESSION = [case for case in load("one-expression.json") if not case["name"].startswith(PLATFORM)]


@pytest.fixture(scope="module")
def machines() -> Machines:
    """State machines of the engine, without functions."""
    return Machines(interpreter(), {})


@pytest.mark.parametrize("name", LANGUAGE)
def test_engine_answers_each_case_as_aws(name: str, machines: Machines) -> None:
    case = LANGUAGE[name]
    ended = machines.run(json.dumps(case.definition), case.input)
    if isinstance(case.answer, Error):
        assert (ended.status, ended.error) == ("FAILED", case.answer.name or "")
    else:
        assert ended.status == "SUCCEEDED" and equal(ended.output, case.answer), ended


@ABSENT
@pytest.mark.parametrize("case", load("answers.json"), ids=lambda case: case["name"])
def test_engine_answers_as_aws(case: Any, machines: Machines) -> None:
    ended = machines.run(json.dumps(case["definition"]), case["input"])
    if case["aws"] is None:
        return
    status, value = case["aws"]
    assert ended.status == status
    assert equal(ended.output, value) if status == "SUCCEEDED" else ended.error == (value or "")


@ABSENT
@pytest.mark.parametrize("case", ONE_EXPRESSION, ids=lambda case: case["name"])
def test_engine_evaluates_an_expression_as_aws(case: Any, machines: Machines) -> None:
    ended = machines.run(json.dumps(case["definition"]), case["input"])
    if ended.status == "SUCCEEDED":
        assert equal(ended.output, case["aws"])
    else:
        assert ended.error in str(case["aws"]).split("|")


def test_evaluation_that_fails_is_in_the_history(machines: Machines) -> None:
    state = {"Type": "Pass", "Output": {"total": "{% $states.input.no %}"}, "End": True}
    ended = machines.run(json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}), {})
    event, last = ended.events[-2:]
    cause = (
        "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression "
        "'$states.input.no' specified for the field 'Output/total' returned nothing (undefined)."
    )
    assert event["type"] == "EvaluationFailed"
    assert event["evaluationFailedEventDetails"] == {
        "error": "States.QueryEvaluationError",
        "cause": cause,
        "location": "Output/total",
        "state": "A",
    }
    assert last["executionFailedEventDetails"]["cause"] == cause


def test_regular_expression_without_end_fails_its_state_alone(machines: Machines) -> None:
    state = {"Type": "Pass", "Output": "{% $contains('" + "a" * 60 + "!', /^(a|aa)+$/) %}", "End": True}
    ended = machines.run(json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}), {})
    assert (ended.status, ended.error) == ("FAILED", "States.QueryEvaluationError")


def test_assigned_variables_are_in_the_history(machines: Machines) -> None:
    state = {"Type": "Pass", "Assign": {"x": {"a": 1}}, "End": True}
    ended = machines.run(json.dumps({"StartAt": "A", "States": {"A": state}}), {})
    details = next(event["stateExitedEventDetails"] for event in ended.events if event["type"] == "PassStateExited")
    assert details["assignedVariables"] == {"x": '{"a":1}'}


def test_wrong_path_in_a_task_is_not_caught_nor_a_failed_task(machines: Machines) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:no", "Catch": catch}
    task |= {"Parameters": {"x.$": "$.no"}, "End": True}
    ended = machines.run(json.dumps({"StartAt": "A", "States": {"A": task, "B": {"Type": "Succeed"}}}), {})
    assert (ended.status, ended.error) == ("FAILED", "States.Runtime")
    assert [event["type"] for event in ended.events] == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def large(_: Any) -> Any:
    return "x" * MAX_BYTES


def test_too_large_result_of_a_task_is_caught_by_all(machines: Machines) -> None:
    machines.functions[f"{FUNCTION}large"] = large
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    task = {"Type": "Task", "Resource": f"{FUNCTION}large", "Catch": catch, "End": True}
    ended = machines.run(json.dumps({"StartAt": "A", "States": {"A": task, "B": {"Type": "Succeed"}}}), {})
    assert ended.output["Error"] == "States.DataLimitExceeded"
    assert "LambdaFunctionFailed" in [event["type"] for event in ended.events]


def test_too_large_output_of_a_state_is_past_its_catch(machines: Machines) -> None:
    machines.functions[f"{FUNCTION}echo"] = lambda value: value
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    task = {"Type": "Task", "Resource": f"{FUNCTION}echo", "ResultPath": "$.again", "Catch": catch, "End": True}
    definition = {"StartAt": "A", "States": {"A": task, "B": {"Type": "Succeed"}}}
    ended = machines.run(json.dumps(definition), {"x": "y" * (MAX_BYTES * 2 // 3)})
    assert (ended.status, ended.error) == ("FAILED", "States.DataLimitExceeded")


def test_intrinsic_function_that_fails_in_parameters_is_caught(machines: Machines) -> None:
    catch = [{"ErrorEquals": ["States.IntrinsicFailure"], "Next": "B", "ResultPath": "$.why"}]
    task = {"Type": "Task", "Resource": f"{FUNCTION}no", "Catch": catch, "End": True}
    task |= {"Parameters": {"x.$": "States.StringToJson($.text)"}}
    ended = machines.run(json.dumps({"StartAt": "A", "States": {"A": task, "B": {"Type": "Succeed"}}}), {"text": "{"})
    assert ended.output["why"]["Error"] == "States.IntrinsicFailure"
    assert "LambdaFunctionScheduled" not in [event["type"] for event in ended.events]


def test_items_that_are_no_list_fail_the_map_in_the_history(machines: Machines) -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    each = {"Type": "Map", "Items": "{% 1 %}", "ItemProcessor": inner, "End": True}
    states = {"P": {"Type": "Pass", "Next": "A"}, "A": each}
    ended = machines.run(json.dumps({"QueryLanguage": "JSONata", "StartAt": "P", "States": states}), {})
    assert [(event["type"], event.get("previousEventId")) for event in ended.events[3:]] == [
        ("MapStateEntered", 3),
        ("EvaluationFailed", 3),
        ("MapStateFailed", 5),
        ("ExecutionFailed", 6),
    ]
