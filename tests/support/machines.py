"""The engine's interpreter of state machines in this process: its corrected source, without server and functions.

The same source runs behind the engine's API, so what a workflow does here it does there; what is not here is the way:
HTTP, deployed machines, processes of functions. Waits between retries pass at once.
"""

from __future__ import annotations

import importlib
import itertools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from interlock.local.engine import corrections
from interlock.local.engine.venv import ensure_venvs
from tests.support.silent import TOOLS

Handler = Callable[[Any], Any]
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:"
ROLE = "arn:aws:iam::000000000000:role/machines"
NUMBERS = itertools.count(1)


class TaskError(Exception):
    """A function that a Task called failed: `name` is what Retry and Catch match."""

    def __init__(self, name: str, message: str) -> None:
        """Name the error."""
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Execution:
    """What an execution did."""

    status: str
    error: str
    output: Any
    events: list[dict[str, Any]]


class Machines:
    """Runs state machines whose Tasks call functions of this process, by their ARNs (`FUNCTION` and a name)."""

    def __init__(self, interpreter: Any, functions: dict[str, Handler]) -> None:
        """Take over the interpreter's calls of functions."""
        self._interpreter = interpreter
        self.functions = functions
        interpreter._call_lambda = self._call

    def run(self, definition: str, value: Any, machine: str = "", name: str = "") -> Execution:
        """Run a machine to its end, in this thread.

        Args:
            definition: its ASL, with the ARNs of functions put in.
            value: the input.
            machine: the machine's name; one of its own by default.
            name: the execution's name; one of its own by default.
        """
        number = next(NUMBERS)
        fields = {"name": machine or f"machine-{number}", "definition": definition, "roleArn": ROLE}
        arn = self._answer(self._interpreter._create_state_machine(fields))["stateMachineArn"]
        execution = f"{arn.replace(':stateMachine:', ':execution:')}:{name or number}"
        self._interpreter._executions[execution] = self._execution(execution, arn, value)
        self._interpreter._run_execution(execution)
        record = self._interpreter._executions.pop(execution)
        self._interpreter._state_machines.pop(arn)
        output = json.loads(record["output"]) if record.get("output") else None
        return Execution(record["status"], record.get("error") or "", output, record["events"])

    def succeed(self, token: str, output: str) -> None:
        """Let a state that waits for a token go on."""
        self._answer(self._interpreter._send_task_success({"taskToken": token, "output": output}))

    def _execution(self, execution: str, machine: str, value: Any) -> dict[str, Any]:
        begun, text = self._interpreter.now_iso(), json.dumps(value)
        started = {"id": 1, "type": "ExecutionStarted", "timestamp": begun}
        return {
            "executionArn": execution,
            "stateMachineArn": machine,
            "name": execution.rpartition(":")[2],
            "status": "RUNNING",
            "startDate": begun,
            "stopDate": None,
            "input": text,
            "output": None,
            "events": [started | {"executionStartedEventDetails": {"input": text, "roleArn": ROLE}}],
        }

    def _call(self, function: str, event: Any) -> Any:
        try:
            return json.loads(json.dumps(self.functions[function](event)))
        except TaskError as error:
            cause = json.dumps({"errorType": error.name, "errorMessage": str(error)})
            raise self._interpreter._ExecutionError(error.name, cause) from error

    def _answer(self, answer: tuple[int, Any, bytes]) -> Any:
        status, _, body = answer
        assert status == 200, body
        return json.loads(body)


@cache
def interpreter() -> Any:
    """The engine's module, corrected as the engine is, and without what lies outside an execution."""
    site = next((ensure_venvs(TOOLS).engine.parents[1] / "lib").glob("python*/site-packages"))
    # Behind everything else: what both environments have comes from this one's.
    sys.path.append(str(site))
    # Of the engine's process, which is not this one: what it writes down, and how it ends.
    chosen = [one for one in corrections.ALL if one.name not in ("journal", "stopping")]
    corrections.edit.install(chosen, "ministack", site / "ministack")
    module: Any = importlib.import_module("ministack.services.stepfunctions")
    module._scaled_sleep = _pass_at_once
    module._emit_execution_status_event = _tell_nobody
    return module


def _pass_at_once(_seconds: float) -> None:
    return


def _tell_nobody(_execution: dict[str, Any]) -> None:
    return
