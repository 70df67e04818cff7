"""Walks a workflow of the platform as Step Functions does, in this process: its tasks are the functions' own handlers.

It knows what the files of `statemachines/` use, and refuses all else. Waits pass at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MACHINES = Path(__file__).parent.parent / "statemachines"
Handler = Callable[[dict[str, Any], Any], Any]
MOST = 200
"""States of a walk: more is a loop that does not end."""


class WorkflowFailed(Exception):
    """The walk ended in a Fail state, or in an error that nothing caught."""


def walk(name: str, value: dict[str, Any], functions: Mapping[str, Handler]) -> Any:
    """The output of a workflow.

    Args:
        name: of the file in `statemachines/`.
        value: the input.
        functions: what its substitutions (`${Function}`) call.

    Raises:
        WorkflowFailed: it failed.
    """
    machine = json.loads((MACHINES / f"{name}.asl.json").read_text())
    state_name, data = machine["StartAt"], value
    for _ in range(MOST):
        state = machine["States"][state_name]
        match state["Type"]:
            case "Task":
                state_name, data = _task(state, data, functions)
            case "Choice":
                state_name = _choose(state, data)
            case "Wait":
                state_name = state["Next"]
            case "Pass":
                result = _given(state["Parameters"], data) if "Parameters" in state else state.get("Result", data)
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


def _task(state: dict[str, Any], data: Any, functions: Mapping[str, Handler]) -> tuple[str | None, Any]:
    handler = functions[state["Resource"].removeprefix("${").removesuffix("}")]
    given = _given(state["Parameters"], data)
    tries: dict[int, int] = {}
    while True:
        try:
            answer = json.loads(json.dumps(handler(given, None)))
            return state.get("Next"), _put(state, data, answer)
        except Exception as error:
            rule = next((n for n, row in enumerate(state.get("Retry", ())) if _catches(row, error)), None)
            if rule is not None and tries.get(rule, 0) < state["Retry"][rule].get("MaxAttempts", 3):
                tries[rule] = tries.get(rule, 0) + 1
                continue
            caught = next((row for row in state.get("Catch", ()) if _catches(row, error)), None)
            if caught is None:
                raise WorkflowFailed(f"{type(error).__name__}: {error}") from error
            cause = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
            return caught["Next"], _put(caught, data, {"Error": type(error).__name__, "Cause": cause})


def _catches(rule: dict[str, Any], error: Exception) -> bool:
    return bool({"States.ALL", type(error).__name__} & set(rule["ErrorEquals"]))


def _choose(state: dict[str, Any], data: Any) -> str:
    for rule in state["Choices"]:
        found = _read(rule["Variable"], data)
        if found == rule.get("BooleanEquals", rule.get("StringEquals", object())):
            return rule["Next"]
    return state["Default"]


def _given(parameters: dict[str, Any], data: Any) -> dict[str, Any]:
    return {
        key.removesuffix(".$"): _read(value, data) if key.endswith(".$") else value for key, value in parameters.items()
    }


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
