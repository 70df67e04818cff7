"""A whole workflow in process: flow, errors, time and scopes."""

from typing import Any

import pytest

from interlock.asl import errors
from interlock.asl.clock import MovedClock
from interlock.asl.execution import Execution, Settings, TaskCall
from interlock.asl.interpreter import run
from interlock.asl.values import MAX_BYTES


def scope(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def echo(call: TaskCall) -> Any:
    return call.input


def large(_: TaskCall) -> Any:
    return "y" * MAX_BYTES


def boom(call: TaskCall) -> Any:
    raise errors.StatesError("Boom", f"attempt {call.attempt}")


def execute(
    definition: dict[str, Any], value: Any = None, task: Any = echo, clock: MovedClock | None = None
) -> Execution:
    return run(definition, {} if value is None else value, Settings(task=task, clock=clock or MovedClock()))


def test_stages_are_noted_in_their_order() -> None:
    state = {
        "Type": "Task",
        "Resource": "${f}",
        "InputPath": "$.a",
        "Parameters": {"b.$": "$.b"},
        "ResultSelector": {"c.$": "$.b"},
        "ResultPath": "$.r",
        "OutputPath": "$.r.c",
        "End": True,
    }
    ended = execute(scope(A=state), {"a": {"b": 1}})
    assert ended.output == 1
    assert [(stage.name, stage.value) for stage in ended.visits[0].stages] == [
        ("InputPath", {"b": 1}),
        ("Parameters", {"b": 1}),
        ("Result", {"b": 1}),
        ("ResultSelector", {"c": 1}),
        ("ResultPath", {"a": {"b": 1}, "r": {"c": 1}}),
        ("OutputPath", 1),
    ]


def test_retry_and_wait_pass_on_a_moved_clock() -> None:
    clock = MovedClock()
    retry = [{"ErrorEquals": ["Boom"], "IntervalSeconds": 3600, "MaxAttempts": 2, "BackoffRate": 2}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Later", "ResultPath": "$.error"}]
    states = scope(
        A={"Type": "Task", "Resource": "${f}", "Retry": retry, "Catch": catch, "End": True},
        Later={"Type": "Wait", "Seconds": 60, "End": True},
    )
    ended = execute(states, {"x": 1}, boom, clock)
    assert ended.output == {"x": 1, "error": {"Error": "Boom", "Cause": "attempt 2"}}
    assert clock.passed == 3600 + 7200 + 60
    (visit,) = ended.visits_of("A")
    assert (visit.attempts, visit.error, visit.next) == (3, "Boom", "Later")


def test_catch_all_leaves_a_wrong_path_uncaught() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    task = {"Type": "Task", "Resource": "${f}", "Parameters": {"x.$": "$.no"}, "Catch": catch, "End": True}
    ended = execute(scope(A=task, B={"Type": "Succeed"}))
    assert (ended.status, ended.error) == ("FAILED", errors.RUNTIME)
    assert str(ended.cause).startswith("An error occurred while executing the state 'A'. The JSONPath '$.no'")


def test_branches_take_the_time_of_the_longest() -> None:
    clock = MovedClock()
    branches = [scope(**{f"W{n}": {"Type": "Wait", "Seconds": n, "End": True}}) for n in (5, 9, 2)]
    assert execute(scope(P={"Type": "Parallel", "Branches": branches, "End": True}), clock=clock).succeeded
    assert clock.passed == 9


def test_branch_that_fails_first_gives_the_error() -> None:
    clock = MovedClock()
    late = scope(W={"Type": "Wait", "Seconds": 9, "Next": "F"}, F={"Type": "Fail", "Error": "Late"})
    soon = scope(V={"Type": "Wait", "Seconds": 1, "Next": "G"}, G={"Type": "Fail", "Error": "Soon"})
    ended = execute(scope(P={"Type": "Parallel", "Branches": [late, soon], "End": True}), clock=clock)
    assert (ended.error, clock.passed) == ("Soon", 1)


def test_map_runs_items_as_many_at_a_time_as_it_says() -> None:
    clock = MovedClock()
    each = {
        "Type": "Map",
        "ItemsPath": "$.rows",
        "MaxConcurrencyPath": "$.lanes",
        "ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"},
        "ItemProcessor": scope(W={"Type": "Wait", "Seconds": 10, "End": True}),
        "End": True,
    }
    ended = execute(scope(E=each), {"rows": [7, 8, 9], "lanes": 2}, clock=clock)
    assert ended.output == [{"v": 7, "i": 0}, {"v": 8, "i": 1}, {"v": 9, "i": 2}]
    assert clock.passed == 20
    assert {visit.path for visit in ended.visits_of("W")} == {"E/0", "E/1", "E/2"}


@pytest.mark.parametrize(("field", "value"), [("rows", {"a": 1}), ("rows", None), ("lanes", -1), ("lanes", 0.5)])
def test_map_over_what_it_cannot_use_fails(field: str, value: Any) -> None:
    each = {"Type": "Map", "ItemsPath": "$.rows", "MaxConcurrencyPath": "$.lanes", "End": True}
    each |= {"ItemProcessor": scope(P={"Type": "Pass", "End": True})}
    assert execute(scope(E=each), {"rows": [1], "lanes": 1, field: value}).error == errors.RUNTIME


def test_variables_of_a_branch_stay_in_it() -> None:
    inner = scope(
        I={"Type": "Pass", "Assign": {"y.$": "$x"}, "Next": "J"},
        J={"Type": "Pass", "End": True, "Parameters": {"y.$": "$y"}},
    )
    states = scope(
        A={"Type": "Pass", "Assign": {"x": 1}, "Next": "P"},
        P={"Type": "Parallel", "Branches": [inner], "Next": "Z"},
        Z={"Type": "Pass", "Parameters": {"y.$": "$y"}, "End": True},
    )
    ended = execute(states)
    assert ended.visits_of("P")[0].output == [{"y": 1}]
    assert ended.error == errors.RUNTIME


def test_jsonata_states_flow() -> None:
    task = {"Type": "Task", "Resource": "${f}", "Arguments": {"n": "{% $states.input.n * 2 %}"}}
    task |= {"Assign": {"seen": "{% $states.result.n %}"}, "Output": "{% $states.result %}", "Next": "C"}
    rule = {"Condition": "{% $seen > 3 %}", "Next": "Y", "Output": {"was": "{% $seen %}"}}
    states = scope(
        T=task,
        C={"Type": "Choice", "Choices": [rule], "Default": "N"},
        Y={"Type": "Succeed"},
        N={"Type": "Fail", "Error": "{% 'No' %}"},
    )
    assert execute({**states, "QueryLanguage": "JSONata"}, {"n": 2}).output == {"was": 4}
    assert execute({**states, "QueryLanguage": "JSONata"}, {"n": 1}).error == "No"


def test_condition_that_is_not_a_boolean_fails() -> None:
    rule = {"Condition": "{% $states.input.n %}", "Next": "Y"}
    states = scope(C={"Type": "Choice", "Choices": [rule], "Default": "Y"}, Y={"Type": "Succeed"})
    ended = execute({**states, "QueryLanguage": "JSONata"}, {"n": 1})
    assert ended.error == errors.QUERY and "Expected 'boolean'" in str(ended.cause)


def test_output_above_the_limit_fails() -> None:
    big = scope(A={"Type": "Pass", "Parameters": {"x.$": "States.Array($.x, $.x)"}, "End": True})
    assert execute(big, {"x": "y" * (MAX_BYTES // 2)}).error == errors.DATA_LIMIT
    task = {"Type": "Task", "Resource": "${f}", "ResultPath": None, "End": True}
    assert execute(scope(A=task), task=large).error == errors.DATA_LIMIT


def test_timeouts_end_a_task_and_a_machine() -> None:
    clock = MovedClock()

    def slow(_: TaskCall) -> Any:
        clock.move(10)

    task = {"Type": "Task", "Resource": "${f}", "TimeoutSeconds": 5, "End": True}
    assert execute(scope(A=task), task=slow, clock=clock).error == errors.TIMEOUT
    wait = scope(A={"Type": "Wait", "Seconds": 100, "End": True})
    assert execute({**wait, "TimeoutSeconds": 10}).status == "TIMED_OUT"


def test_fail_without_error_has_none() -> None:
    ended = execute(scope(A={"Type": "Fail"}))
    assert (ended.status, ended.error, ended.cause) == ("FAILED", None, None)
    path = execute(
        scope(A={"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}', $.n)"}), {"e": "E", "n": 1}
    )
    assert (path.error, path.cause) == ("E", "1")


def test_endless_loop_ends_as_the_history_does() -> None:
    loop = scope(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"})
    ended = execute(loop)
    assert ended.error == errors.RUNTIME and "25000" in str(ended.cause)


@pytest.mark.parametrize(
    ("fields", "value", "error"),
    [
        ({"SecondsPath": "$.s"}, -1, errors.RUNTIME),
        ({"SecondsPath": "$.s"}, 1.5, errors.RUNTIME),
        ({"SecondsPath": "$.s"}, "1", errors.RUNTIME),
        ({"TimestampPath": "$.s"}, "tomorrow", errors.RUNTIME),
        ({"TimestampPath": "$.s"}, "2026-01-01T00:01:00Z", None),
        ({"SecondsPath": "$.s"}, 2.0, None),
    ],
)
def test_wait_takes_whole_seconds_or_a_timestamp(fields: dict[str, Any], value: Any, error: str | None) -> None:
    assert execute(scope(A={"Type": "Wait", "End": True, **fields}), {"s": value}).error == error


def test_state_in_a_branch_speaks_the_machines_language() -> None:
    inner = scope(I={"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": True})
    both = {"Type": "Parallel", "QueryLanguage": "JSONata", "Branches": [inner], "Output": "{% $states.result[0].n %}"}
    assert execute(scope(P=both | {"End": True}), {"n": 7}).output == 7
