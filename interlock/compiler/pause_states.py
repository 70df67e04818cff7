"""The states in which a level of a workflow waits while one of its Tasks is paused (ADR 0024).

A level is the workflow, a branch of a Parallel, or the processor of a Map. In each that has a Task:
  - a Task catches `Interlock.Paused` first: its raw input goes on, and a variable gets the error's cause and its name.
  - `Stop N (paused)` waits for a task token, and hands on the same input.
  - `Resume N (paused)` leads back to the Task; a level with one Task needs no such Choice.
An inner level can't assign a variable of an outer one, so each has a variable of its own:
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import json
from collections.abc import Sequence
from typing import cast

from interlock.compiler.graph import Raw, States
from interlock.compiler.workflow import scopes
from interlock.contract.asl import OWN_VARIABLES, PAUSED_SUFFIX
from interlock.contract.core.failure import GateError

PAUSE = "${Pause}"
PARTITION = "${Partition}"
CALLBACK = f"arn:{PARTITION}:states:::lambda:invoke.waitForTaskToken"
COMMENT = "The run waits here while a step of this level is paused."
PAUSE_RETRY = {
    "ErrorEquals": [
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    "IntervalSeconds": 1,
    "MaxAttempts": 6,
    "BackoffRate": 2,
}
"""A pause must not fail the run that it stops. The names are those that AWS asks to handle:
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception"""


def add_pause_states(compiled: Raw) -> None:
    """Give every level of a compiled definition its pause states, and every Task the Catch that leads there.

    Args:
        compiled: the definition, which is changed.
    """
    outer = str(compiled.get("QueryLanguage", "JSONPath"))
    for number, (level, _) in enumerate(scopes(compiled), start=1):
        states = cast(States, level["States"])
        tasks = [name for name, state in states.items() if state["Type"] == "Task"]
        for name in tasks:
            task = states[name]
            catcher = _catcher(number, str(task.get("QueryLanguage") or outer))
            task["Catch"] = [catcher, *task.get("Catch", ())]
        if tasks:
            states |= _pause_states(number, tasks, outer)


def _catcher(number: int, language: str) -> Raw:
    caught: Raw = {"ErrorEquals": [GateError.PAUSED.value], "Next": _name("Stop", number)}
    if language == "JSONata":
        value = {"cause": "{% $states.errorOutput.Cause %}", "state": "{% $states.context.State.Name %}"}
        return caught | {"Assign": {_variable(number): value}, "Output": "{% $states.input %}"}
    value = {"cause.$": "$.Cause", "state.$": "$$.State.Name"}
    return caught | {"Assign": {_variable(number): value}, "ResultPath": None}


def _pause_states(number: int, tasks: Sequence[str], language: str) -> States:
    stop = _stop(number, language)
    if len(tasks) == 1:
        return {_name("Stop", number): stop | {"Next": tasks[0]}}
    resume = _name("Resume", number)
    rules = [_rule(number, task, language) for task in tasks]
    return {_name("Stop", number): stop | {"Next": resume}, resume: {"Type": "Choice", "Choices": rules}}


def _stop(number: int, language: str) -> Raw:
    stop: Raw = {"Type": "Task", "Comment": COMMENT, "Resource": CALLBACK, "Retry": [PAUSE_RETRY]}
    stopped = f"${_variable(number)}"
    if language == "JSONata":
        payload = {
            "run": "{% $states.context.Execution.Id %}",
            "state": f"{{% {stopped}.state %}}",
            "cause": f"{{% {stopped}.cause %}}",
            "token": "{% $states.context.Task.Token %}",
        }
        return stop | {"Arguments": {"FunctionName": PAUSE, "Payload": payload}, "Output": "{% $states.input %}"}
    payload = {
        "run.$": "$$.Execution.Id",
        "state.$": f"{stopped}.state",
        "cause.$": f"{stopped}.cause",
        "token.$": "$$.Task.Token",
    }
    return stop | {"Parameters": {"FunctionName": PAUSE, "Payload": payload}, "ResultPath": None}


def _rule(number: int, task: str, language: str) -> Raw:
    if language == "JSONata":
        return {"Condition": f"{{% ${_variable(number)}.state = {json.dumps(task)} %}}", "Next": task}
    return {"Variable": f"${_variable(number)}.state", "StringEquals": task, "Next": task}


def _name(word: str, number: int) -> str:
    return f"{word} {number}{PAUSED_SUFFIX}"


def _variable(number: int) -> str:
    return f"{OWN_VARIABLES}{number}"
