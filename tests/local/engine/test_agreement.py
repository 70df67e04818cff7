"""The interpreter in process and the engine do the same with workflows that are made by chance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from interlock.asl.clock import MovedClock
from interlock.asl.errors import StatesError
from interlock.asl.execution import Settings, TaskCall
from interlock.asl.interpreter import run
from interlock.asl.values import equal
from tests.support.machines import FUNCTION, Handler, Machines, TaskError, interpreter
from tests.support.random_workflows import STEPS, given, step_functions, workflow

WORKFLOWS = 200
Do = Callable[[str, Any, str], Any]


def without_causes(value: Any) -> Any:
    """A value without what errors say: a cause has ids and stack traces."""
    if isinstance(value, dict):
        pairs = cast(dict[str, Any], value)
        return {name: without_causes(item) for name, item in pairs.items() if name != "Cause"}
    if isinstance(value, list):
        items = cast(list[Any], value)
        return [without_causes(item) for item in items]
    return value


def handler(do: Do, kind: str, seed: int) -> Handler:
    """A step as a function of the engine."""

    def handle(value: Any) -> Any:
        try:
            return do(kind, value, str(seed))
        except Exception as error:
            raise TaskError(type(error).__name__, str(error)) from error

    return handle


def by_engine(do: Do, seed: int) -> tuple[str, str | None, Any]:
    text = json.dumps(workflow(seed))
    for kind in STEPS:
        text = text.replace(f"${{{kind}}}", f"{FUNCTION}{kind}")
    machines = Machines(interpreter(), {f"{FUNCTION}{kind}": handler(do, kind, seed) for kind in STEPS})
    ended = machines.run(text, given(seed))
    return ended.status, ended.error or None, ended.output if ended.status == "SUCCEEDED" else None


def in_process(do: Do, seed: int) -> tuple[str, str | None, Any]:
    def task(call: TaskCall) -> Any:
        try:
            return do(call.resource[2:-1], call.input, str(seed))
        except Exception as error:
            raise StatesError(type(error).__name__, str(error)) from error

    ended = run(workflow(seed), given(seed), Settings(task=task, clock=MovedClock()))
    return ended.status, ended.error, ended.output


def test_interpreter_and_engine_agree(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "process").mkdir()
    one, other = step_functions(tmp_path / "engine"), step_functions(tmp_path / "process")
    statuses: set[str] = set()
    for seed in range(WORKFLOWS):
        engine, process = by_engine(one, seed), in_process(other, seed)
        statuses.add(engine[0])
        assert engine[:2] == process[:2], f"workflow {seed}"
        assert equal(without_causes(engine[2]), without_causes(process[2])), f"workflow {seed}"
    assert statuses == {"SUCCEEDED", "FAILED"}
