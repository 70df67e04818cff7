"""What a Task compiles to, in each form that a publisher may write it."""

from typing import Any

import pytest

from interlock.asl.retry import next_retry
from interlock.compiler import gate, workflow
from interlock.contract.core.names import ExecutionName, run_id

STEPS = {"classify": 60}
PATH = {
    "step": "classify",
    "run.$": "$$.Execution.Id",
    "state.$": "$$.State.Name",
    "entered.$": "$$.State.EnteredTime",
    "redrive.$": "$$.Execution.RedriveCount",
    "retry.$": "$$.State.RetryCount",
    "nonce.$": "States.UUID()",
}
DATA = {
    "step": "classify",
    "run": "{% $states.context.Execution.Id %}",
    "state": "{% $states.context.State.Name %}",
    "entered": "{% $states.context.State.EnteredTime %}",
    "redrive": "{% $states.context.Execution.RedriveCount %}",
    "retry": "{% $states.context.State.RetryCount %}",
    "nonce": "{% $uuid() %}",
}
ITEM = {"index.$": "$$.Map.Item.Index"}
UNSERVED_ERRORS = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Interlock.Unavailable",
]
UNSERVED = {
    "ErrorEquals": UNSERVED_ERRORS,
    "IntervalSeconds": 1,
    "BackoffRate": 2,
    "MaxDelaySeconds": 60,
    "MaxAttempts": 60,
    "JitterStrategy": "FULL",
}
RETRY = [{"ErrorEquals": ["Interlock.Paused"], "MaxAttempts": 0}, UNSERVED]
CATCH = {"ErrorEquals": ["Interlock.Paused"], "Next": "Stop 1 (paused)"}


def compiled(*, language: str = "JSONPath", **state: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": "${classify}", "End": True} | state
    raw = {"StartAt": "A", "QueryLanguage": language, "States": {"A": task}}
    return gate.compile_workflow(raw, STEPS)["States"]


def test_jsonpath() -> None:
    after: dict[str, Any] = {"ResultPath": "$.tags", "ResultSelector": {"x.$": "$.y"}, "OutputPath": "$.tags"}
    after |= {"TimeoutSeconds": 9}
    states = compiled(Parameters={"table.$": "$.t"}, InputPath="$.i", Retry=[{"ErrorEquals": ["X"]}], **after)
    payload = PATH | {"input": {"table.$": "$.t"}}
    assert states["A"] == {
        "Type": "Task",
        "Resource": "${Gate}",
        "End": True,
        "InputPath": "$.i",
        "Parameters": payload,
        "Retry": [*RETRY, {"ErrorEquals": ["X"]}],
        "Catch": [
            CATCH
            | {"ResultPath": None, "Assign": {"interlock_stop_1": {"cause.$": "$.Cause", "state.$": "$$.State.Name"}}}
        ],
        **after,
    }


def test_jsonata() -> None:
    states = compiled(language="JSONata", Arguments="{% $states.input.t %}", Assign={"n": 1}, Output="{% $n %}")
    payload = DATA | {"input": "{% $states.input.t %}"}
    assert states["A"] == {
        "Type": "Task",
        "Resource": "${Gate}",
        "End": True,
        "Arguments": payload,
        "Assign": {"n": 1},
        "Output": "{% $n %}",
        "TimeoutSeconds": 60,
        "Retry": RETRY,
        "Catch": [
            CATCH
            | {
                "Output": "{% $states.input %}",
                "Assign": {
                    "interlock_stop_1": {
                        "cause": "{% $states.errorOutput.Cause %}",
                        "state": "{% $states.context.State.Name %}",
                    }
                },
            }
        ],
    }


def test_without_words_the_whole_input_goes_in() -> None:
    assert compiled()["A"]["Parameters"] == PATH | {"input.$": "$"}
    assert compiled(language="JSONata")["A"]["Arguments"] == DATA | {"input": "{% $states.input %}"}


def test_one_state_in_jsonata() -> None:
    assert compiled(QueryLanguage="JSONata", Arguments={"a": 1})["A"]["Arguments"]["input"] == {"a": 1}


def test_workflow_studio() -> None:
    form = {"Resource": "arn:aws:states:::lambda:invoke", "OutputPath": "$.Payload"}
    name = {"FunctionName": "${classify}"}
    task = compiled(**form, Parameters=name | {"Payload.$": "$.t"})["A"]
    assert task["Parameters"] == PATH | {"studio": True, "input.$": "$.t"}
    assert (task["Resource"], task["OutputPath"]) == ("${Gate}", "$.Payload")
    task = compiled(**form, Parameters=name | {"Payload": {"t.$": "$.t"}})["A"]
    assert task["Parameters"] == PATH | {"studio": True, "input": {"t.$": "$.t"}}
    assert compiled(**form, Parameters=name)["A"]["Parameters"]["input"] == {}
    form = {"Resource": "arn:aws:states:::lambda:invoke", "language": "JSONata"}
    task = compiled(**form, Arguments=name | {"Payload": "{% $states.input.t %}"})["A"]
    assert task["Arguments"] == DATA | {"studio": True, "input": "{% $states.input.t %}"}


def test_inside_map_and_parallel() -> None:
    task = {"Type": "Task", "Resource": "${classify}", "End": True}
    inner = {"StartAt": "A", "States": {"A": task}}
    in_map = {"Type": "Map", "ItemProcessor": inner | {"ProcessorConfig": {"Mode": "INLINE"}}, "End": True}
    both = {"Type": "Parallel", "Branches": [{"StartAt": "M", "States": {"M": in_map}}], "End": True}
    raw = {"StartAt": "P", "States": {"P": both}, "TimeoutSeconds": 5, "Comment": "kept"}
    out = gate.compile_workflow(raw, STEPS)
    assert out["Comment"] == "kept" and "TimeoutSeconds" not in out
    processor = out["States"]["P"]["Branches"][0]["States"]["M"]["ItemProcessor"]
    assert processor["ProcessorConfig"] == {"Mode": "INLINE"}
    assert processor["States"]["A"]["Parameters"] == PATH | ITEM | {"input.$": "$"}
    old = gate.compile_workflow(
        {"StartAt": "M", "States": {"M": {"Type": "Map", "Iterator": inner, "End": True}}}, STEPS
    )
    assert set(old["States"]["M"]["Iterator"]["States"]) == {"A", "Stop 2 (paused)"}
    assert task == {"Type": "Task", "Resource": "${classify}", "End": True}, "the definition was changed in place"


def wait(**fields: Any) -> dict[str, Any]:
    raw = {"StartAt": "W", "States": {"W": {"Type": "Wait", "End": True} | fields}}
    return gate.compile_workflow(raw, STEPS)["States"]["W"]


def test_a_wait_is_nothing_in_a_fork() -> None:
    fork = gate.FORK_TEST
    stored = {"Type": "Wait", "End": True, "QueryLanguage": "JSONata"}
    assert wait(Seconds=5) == stored | {"Seconds": f"{{% {fork} ? 0 : (5) %}}"}
    assert wait(SecondsPath="$.a.and") == stored | {"Seconds": f"{{% {fork} ? 0 : ($states.input.`a`.`and`) %}}"}
    assert wait(Timestamp="2026-01-01T00:00:00Z")["Timestamp"] == f'{{% {fork} ? $now() : ("2026-01-01T00:00:00Z") %}}'
    assert wait(Seconds="{% $n %}", QueryLanguage="JSONata")["Seconds"] == f"{{% {fork} ? 0 : ($n) %}}"


def test_a_wait_that_jsonata_could_change_stays() -> None:
    for fields in ({"Seconds": 5, "OutputPath": "$.a"}, {"SecondsPath": "$.a[0]"}, {"SecondsPath": "$$.Execution.Id"}):
        assert wait(**fields) == {"Type": "Wait", "End": True} | fields


def test_only_the_name_of_a_fork_says_fork() -> None:
    """A run's own id may begin with f: one in 32 does."""
    from jsonata import Jsonata

    def says(name: ExecutionName) -> bool:
        expression = Jsonata(gate.FORK_TEST.replace("$states.context.Execution.Name", "name"))
        return bool(expression.evaluate({"name": str(name)}))

    ids = [run_id(str(number)) for number in range(200)]
    assert any(each.startswith("f") for each in ids)
    assert not any(says(ExecutionName("acme", "01JABC", each)) for each in ids)
    assert not any(says(ExecutionName("acme", "01JABC", each, "r1")) for each in ids)
    assert all(says(ExecutionName("acme", "01JABC", each, "f1")) for each in ids)


def test_a_compiled_workflow_is_not_compiled_again() -> None:
    """The reserved suffix is refused, so a compiled definition is no publisher's."""
    raw = gate.compile_workflow(gate.linear(("classify",)), STEPS)
    codes = {finding.code for finding in workflow.check(raw, "w", STEPS)}
    assert "asl.name-reserved" in codes


@pytest.mark.parametrize("error", UNSERVED_ERRORS)
def test_unserved_calls_use_up_none_of_the_publishers_tries(error: str) -> None:
    everything = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    retriers = compiled(Retry=everything)["A"]["Retry"]
    counts = {2: 1}
    assert next_retry(retriers, "Acme.Broken", counts) is None, "the publisher's are used up"
    for tries in range(60):
        due = next_retry(retriers, error, counts | {1: tries})
        assert due and (due.entry, due.jitter) == (1, True)
        assert due.seconds == min(2.0 ** min(tries, 6), 60)
    assert next_retry(retriers, error, counts | {1: 60}) is None
    assert next_retry(retriers, "Interlock.Paused", {}) is None
