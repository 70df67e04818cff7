"""Walks a workflow of the platform as Step Functions does, in this process: its tasks are the functions' own handlers.

It knows what the files of `statemachines/` use, and refuses all else. Waits pass at once; what a state that waits for
a callback is told, the caller says.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

MACHINES = Path(__file__).parents[2] / "statemachines"
CALLBACK = "${Callback}"
Handler = Callable[[dict[str, Any], Any], Any]
Answer = Callable[[dict[str, Any]], Any]
"""What a state that waits is told, by the payload that it sent; a refusal is a `TaskFailure`."""
TOKENS = itertools.count(1)
MOST = 200
"""States of a walk: more is a loop that does not end."""


class WorkflowFailed(Exception):
    """The walk ended in a Fail state, or in an error that nothing caught."""


class TaskFailure(Exception):
    """A callback was told that its task failed."""

    def __init__(self, error: str, cause: str) -> None:
        """Name the error as Retry and Catch do."""
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


def walk(
    name: str,
    value: dict[str, Any],
    functions: Mapping[str, Handler],
    answer: Answer | None = None,
    *,
    execution: str = "",
    machine: dict[str, Any] | None = None,
) -> Any:
    """The output of a workflow.

    Args:
        name: of the file in `statemachines/`.
        value: the input.
        functions: what its substitutions (`${Function}`) call.
        answer: what a state that waits for a callback is told, once its function was called.
        execution: its name; by default a new one.
        machine: the definition, where it is not the file's.

    Raises:
        WorkflowFailed: it failed.
    """
    definition: dict[str, Any] = machine or json.loads((MACHINES / f"{name}.asl.json").read_text())
    state_name, data = definition["StartAt"], value
    for _ in range(MOST):
        state = definition["States"][state_name]
        match state["Type"]:
            case "Task":
                context = _context(name, state_name, execution)
                state_name, data = _task(state, data, context, lambda content: _call(content, functions, answer))
            case "Choice":
                state_name = _choose(state, data)
            case "Wait":
                state_name = state["Next"]
            case "Pass":
                result = _given(state["Parameters"], data, {}) if "Parameters" in state else state.get("Result", data)
                data, state_name = _put(state, data, result), state["Next"]
            case "Succeed":
                return data
            case "Fail":
                raise WorkflowFailed(f"{state['Error']}: {data.get('error')}")
            case kind:
                raise NotImplementedError(kind)
        if state_name is None:
            return data
    raise WorkflowFailed(f"{name} does not end: {state_name}")


def _task(
    state: dict[str, Any], data: Any, context: dict[str, Any], call: Callable[[dict[str, Any]], Any]
) -> tuple[str | None, Any]:
    value = {**state, "Parameters": _given(state["Parameters"], data, context)}
    tries: dict[int, int] = {}
    while True:
        try:
            return state.get("Next"), _put(state, data, json.loads(json.dumps(call(value))))
        except Exception as error:
            rule = next((n for n, row in enumerate(state.get("Retry", ())) if _catches(row, error)), None)
            if rule is not None and tries.get(rule, 0) < state["Retry"][rule].get("MaxAttempts", 3):
                tries[rule] = tries.get(rule, 0) + 1
                continue
            caught = next((row for row in state.get("Catch", ()) if _catches(row, error)), None)
            if caught is None:
                raise WorkflowFailed(f"{type(error).__name__}: {error}") from error
            return caught["Next"], _put(caught, data, _output_of(error))


def _call(state: dict[str, Any], functions: Mapping[str, Handler], answer: Answer | None) -> Any:
    parameters = state["Parameters"]
    if state["Resource"] != CALLBACK:
        return functions[_word(state["Resource"])](parameters, None)
    if answer is None:
        raise NotImplementedError("nobody answers this state")
    functions[_word(parameters["FunctionName"])](parameters["Payload"], None)
    return answer(parameters["Payload"])


def _word(substitution: str) -> str:
    return substitution.removeprefix("${").removesuffix("}")


def _context(machine: str, state: str, execution: str) -> dict[str, Any]:
    """What `$$` is: each entry of a state has a token of its own."""
    token = f"walk-{next(TOKENS)}"
    arn = "arn:aws:states:us-east-1:123456789012"
    current = {
        "Id": f"{arn}:execution:interlock-{machine}:{execution or token}",
        "Name": execution or token,
        "StartTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    its_machine = {"Id": f"{arn}:stateMachine:interlock-{machine}"}
    entered = {"Name": state, "EnteredTime": "2026-01-01T00:00:00.000Z"}
    return {"Execution": current, "StateMachine": its_machine, "State": entered, "Task": {"Token": token}}


def _output_of(error: Exception) -> dict[str, str]:
    if isinstance(error, TaskFailure):
        return {"Error": error.error, "Cause": error.cause}
    cause = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
    return {"Error": type(error).__name__, "Cause": cause}


def _catches(rule: dict[str, Any], error: Exception) -> bool:
    name = error.error if isinstance(error, TaskFailure) else type(error).__name__
    return bool({"States.ALL", name} & set(rule["ErrorEquals"]))


def _choose(state: dict[str, Any], data: Any) -> str:
    for rule in state["Choices"]:
        result = _read(rule["Variable"], data)
        if "NumericGreaterThanEquals" in rule:
            passed = result >= rule["NumericGreaterThanEquals"]
        else:
            passed = result == rule.get("BooleanEquals", rule.get("StringEquals", object()))
        if passed:
            return rule["Next"]
    return state["Default"]


def _given(parameters: Mapping[str, Any], data: Any, context: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in parameters.items():
        if isinstance(value, dict):
            result[key] = _given(cast("dict[str, Any]", value), data, context)
        elif not key.endswith(".$"):
            result[key] = value
        else:
            path = str(value)
            place = _read(path[1:], context) if path.startswith("$$") else _read(path, data)
            result[key.removesuffix(".$")] = place
    return result


def _read(path: str, data: Any) -> Any:
    if path.startswith("States.MathAdd("):
        inner, _, number = path.removeprefix("States.MathAdd(").removesuffix(")").partition(", ")
        return _read(inner, data) + int(number)
    if path == "$":
        return data
    for part in path.removeprefix("$.").split("."):
        data = data[part]
    return data


def _put(state: dict[str, Any], data: Any, result: Any) -> Any:
    place = state.get("ResultPath", "$")
    if place is None:
        return data
    if place == "$":
        return result
    return {**data, place.removeprefix("$."): result}
