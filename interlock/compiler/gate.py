"""Turns each Task of a workflow into a call of the gate.

Per Task NAME (ADR 0004):
  - `Resource` becomes `${Gate}`; Parameters or Arguments become `input` of what the gate gets, beside the context
    object's words. Everything that shapes the result stays as it was, because the gate's answer is the result.
  - TimeoutSeconds stays; the step's own `timeout_s` where there is none.
  - Ahead of the publisher's: Retry none and Catch to the level's pause states for `Interlock.Paused` (ADR 0024).
  - Behind that, still ahead of theirs: Retry what Lambda refused or what did not run; it uses up none of their tries.
Per Wait: 0 seconds in a fork, where it can be said in JSONata without changing what the state outputs.
The machine's own TimeoutSeconds leaves the definition: it becomes the run's deadline, which excludes pauses.

Downside: a pause starts the state's retries anew, and a Task costs two invocations (docs/adr/0004).
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, cast

from interlock.compiler.graph import Raw, States
from interlock.compiler.pause_states import add_pause_states
from interlock.compiler.workflow import is_studio_form, step_of
from interlock.contract.core.failure import GateError
from interlock.contract.platform_step import PLANS

GATE = "${Gate}"
FORK_TEST = "$contains($states.context.Execution.Name, /^[^_]+_[^_]+_[^_]+_f[0-9a-z]*$/)"
"""An execution of a fork is named `tenant_install_run_f…` (names.ExecutionName); a run's own id may begin with f."""
UNSERVED_RETRY: Raw = {
    "ErrorEquals": [
        "Lambda.TooManyRequestsException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
        GateError.UNAVAILABLE.value,
    ],
    "IntervalSeconds": 1,
    "BackoffRate": 2,
    "MaxDelaySeconds": 60,
    "MaxAttempts": 60,
    "JitterStrategy": "FULL",
}
"""A throttled gate or step, or one without room, fails no run: about 28 minutes of tries, each later by chance. That is
longer than any step that it waits for lasts. An attempt that did begin is known to the gate by its record, so a step
never runs twice for it. The names of Lambda are those that AWS asks to handle:
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception"""
PLATFORM_RETRIES: tuple[Raw, ...] = ({"ErrorEquals": [GateError.PAUSED.value], "MaxAttempts": 0}, UNSERVED_RETRY)
"""What the compiler puts before the publisher's entries of Retry."""
_CONTEXT = {
    "run": "Execution.Id",
    "state": "State.Name",
    "entered": "State.EnteredTime",
    "redrive": "Execution.RedriveCount",
    "retry": "State.RetryCount",
}


class _Written(NamedTuple):
    """A state as it was written, and where."""

    name: str
    state: Raw
    language: str
    in_map: bool


Change = Callable[[_Written], States]
"""The states that one state becomes."""
_REFERENCE = re.compile(r"^\$((\.[A-Za-z_]\w*)+)$")


def compile_workflow(raw: Raw, timeouts: Mapping[str, int]) -> Raw:
    """The definition that runs: `raw` with every Task behind the gate.

    Args:
        raw: a definition without findings.
        timeouts: the manifest's steps with their timeouts in seconds.
    """
    change = partial(_behind_gate, timeouts=timeouts)
    compiled = _scope(raw, str(raw.get("QueryLanguage", "JSONPath")), change, in_map=False)
    compiled.pop("TimeoutSeconds", None)
    add_pause_states(compiled)
    return compiled


def linear(steps: tuple[str, ...]) -> Raw:
    """The definition that a list of steps stands for: one after the other, each with the last one's output."""
    names = _numbered(steps)
    states: States = {}
    for name, step, after in zip(names, steps, [*names[1:], None], strict=True):
        states[name] = {"Type": "Task", "Resource": f"${{{step}}}", **({"Next": after} if after else {"End": True})}
    return {"StartAt": names[0], "States": states}


def canonical(raw: Raw) -> str:
    """The bytes of a definition: the same for the same workflow."""
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _numbered(steps: tuple[str, ...]) -> list[str]:
    return [step if steps.index(step) == at else f"{step}_{at + 1}" for at, step in enumerate(steps)]


def compile_waits(raw: Raw) -> Raw:
    """The definition with its Waits as they run, and all else as it was written: for a run without the gate.

    An expression of JSONata fails otherwise than a path does (docs/workflows.md), so a test without it would mislead.
    """
    return _scope(raw, str(raw.get("QueryLanguage", "JSONPath")), _wait_alone, in_map=False)


def _scope(scope: Raw, language: str, change: Change, *, in_map: bool) -> Raw:
    """`language` is the workflow's: a state's own is its alone, and not that of the states inside it."""
    states: States = {}
    for name, state in cast(States, scope["States"]).items():
        spoken = str(state.get("QueryLanguage") or language)
        match state["Type"]:
            case "Parallel":
                branches = [_scope(branch, language, change, in_map=in_map) for branch in state["Branches"]]
                states[name] = {**state, "Branches": branches}
            case "Map":
                field = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
                states[name] = {**state, field: _scope(state[field], language, change, in_map=True)}
            case _:
                states |= change(_Written(name, state, spoken, in_map))
    return {**scope, "States": states}


def _behind_gate(written: _Written, timeouts: Mapping[str, int]) -> States:
    """A Task calls the gate; other states are as they are without it."""
    name, state, language, in_map = written
    if state["Type"] != "Task":
        return _wait_alone(written)
    return {name: _task(state, timeouts, language, in_map=in_map)}


def _wait_alone(written: _Written) -> States:
    state = written.state
    return {written.name: _wait(state, written.language) if state["Type"] == "Wait" else state}


def _task(state: Raw, timeouts: Mapping[str, int], language: str, *, in_map: bool) -> Raw:
    step = str(step_of(state))
    task = {key: value for key, value in state.items() if key not in ("Parameters", "Arguments")}
    task["Resource"] = GATE
    field = "Arguments" if language == "JSONata" else "Parameters"
    task[field] = _payload(state, step, language, in_map=in_map)
    if "TimeoutSeconds" not in state and "TimeoutSecondsPath" not in state:
        task["TimeoutSeconds"] = PLANS[step].timeout_s if step in PLANS else timeouts[step]
    task["Retry"] = [*PLATFORM_RETRIES, *state.get("Retry", ())]
    return task


def _payload(state: Raw, step: str, language: str, *, in_map: bool) -> Raw:
    fields = dict(_CONTEXT) | ({"index": "Map.Item.Index"} if in_map else {})
    payload: Raw = {"step": step}
    if language == "JSONata":
        payload |= {word: f"{{% $states.context.{path} %}}" for word, path in fields.items()}
        payload["nonce"] = "{% $uuid() %}"
    else:
        payload |= {f"{word}.$": f"$$.{path}" for word, path in fields.items()}
        payload["nonce.$"] = "States.UUID()"
    if is_studio_form(state):
        payload["studio"] = True
    return payload | _input(state, language)


def _input(state: Raw, language: str) -> Raw:
    written = state.get("Arguments" if language == "JSONata" else "Parameters")
    if is_studio_form(state):
        arguments = cast(Raw, written)
        if "Payload.$" in arguments:
            return {"input.$": arguments["Payload.$"]}
        return {"input": arguments.get("Payload", {})}
    if written is not None:
        return {"input": written}
    return {"input": "{% $states.input %}"} if language == "JSONata" else {"input.$": "$"}


def _wait(state: Raw, language: str) -> Raw:
    """Compiled only where JSONata says the same: no path filters, no JSONPath variables."""
    if language == "JSONPath" and {"InputPath", "OutputPath", "Assign"} & set(state):
        return state
    until = _expression(state, "Timestamp", language)
    for_seconds = _expression(state, "Seconds", language)
    if until is None and for_seconds is None:
        return state
    gone = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
    wait = {key: value for key, value in state.items() if key not in gone} | {"QueryLanguage": "JSONata"}
    if for_seconds is not None:
        return wait | {"Seconds": f"{{% {FORK_TEST} ? 0 : ({for_seconds}) %}}"}
    return wait | {"Timestamp": f"{{% {FORK_TEST} ? $now() : ({until}) %}}"}


def _expression(state: Raw, field: str, language: str) -> str | None:
    """The field's value as JSONata, or None where it isn't there or can't be said."""
    value: Any = state.get(field)
    if isinstance(value, str) and value.startswith("{%") and language == "JSONata":
        return value[2:-2].strip()
    if value is not None:
        return json.dumps(value)
    match = _REFERENCE.match(str(state.get(f"{field}Path", "")))
    return "$states.input" + "".join(f".`{part}`" for part in match.group(1)[1:].split(".")) if match else None
