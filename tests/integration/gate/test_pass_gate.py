"""One attempt at the gate: how often the step runs, whatever is delivered twice or dies, and how its end is named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from functions.gate.handler import message_of
from interlock.aws.clients import client
from interlock.contract.core import limits
from interlock.contract.core.failure import GateError, GateFailure, StepFailure
from interlock.contract.payload import markers
from interlock.contract.run import RecordStatus
from tests.support.cloud import TENANT
from tests.support.crashes import Killed, listening
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, single, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"


class Calls:
    """A step that counts its calls."""

    def __init__(self) -> None:
        self.inputs: list[Any] = []

    def work(self, value: Any) -> Any:
        self.inputs.append(value)
        if "fail" in value:
            raise LookupError("no such guest")
        return {"done": value}


LARGE = {"text": "x" * (limits.SPILL_BUDGET_BYTES + 1)}


def large(_value: Any) -> Any:
    """A step that answers more than a state machine may carry."""
    return LARGE


def installed(here: GateHere, step: Callable[..., Any], settings: str = "") -> App:
    """An app of one step, `work`."""
    files = bundle(CODE, {"work": settings}, {"main": single(task("work"))})
    return here.app(files, {"work": step})


def test_a_second_delivery_gets_the_first_ones_answer(here: GateHere) -> None:
    calls = Calls()
    run = here.start(installed(here, calls.work), "main")
    first = here.attempt(run, "Only", {"n": 1}, step="work", nonce="a")
    assert here.attempt(run, "Only", {"n": 1}, step="work", nonce="a") == first == {"done": {"n": 1}}
    assert calls.inputs == [{"n": 1}]
    (record,) = here.records(run)
    assert (record.status, record.attempt, record.nonce) == (RecordStatus.SUCCEEDED, 0, "a")


def test_two_items_that_look_alike_both_run(here: GateHere) -> None:
    """Items of a Map in a Map may enter a state in the same millisecond, with the same index and input."""
    calls = Calls()
    run = here.start(installed(here, calls.work), "main")
    for nonce in ("one-item", "the-other", "one-item", "the-other"):
        assert here.attempt(run, "Only", {"n": 1}, step="work", nonce=nonce, index=0) == {"done": {"n": 1}}
    assert len(calls.inputs) == 2


def test_another_input_is_another_visit(here: GateHere) -> None:
    calls = Calls()
    run = here.start(installed(here, calls.work), "main")
    assert [here.attempt(run, "Only", {"n": n}, step="work") for n in (1, 2)] == [{"done": {"n": n}} for n in (1, 2)]
    assert len(calls.inputs) == 2


@pytest.mark.parametrize("idempotent", [False, True])
def test_a_gate_killed_at_any_call_never_runs_a_step_twice(here: GateHere, idempotent: bool) -> None:
    """A delivery that dies is delivered again; then Step Functions' Retry makes the next attempts."""
    calls = Calls()
    app = installed(here, calls.work)
    if idempotent:
        idempotent_version(here, app)
    with listening() as killer:
        run = here.start(app, "main")
        killer.calls.clear()
        here.attempt(run, "Only", {"n": 0}, step="work", nonce="x")
        points = len(killer.calls)
        assert points >= 3
        for point in range(1, points + 1):
            run, before = here.start(app, "main"), len(calls.inputs)
            killer.calls.clear()
            killer.at = point
            with pytest.raises(Killed):
                here.attempt(run, "Only", {"n": point}, step="work", nonce="x")
            killer.at = 0
            ran = len(calls.inputs) - before
            answers = [outcome(here, run, {"n": point}, retry) for retry in (0, 1, 2)]
            assert answers[-1] == {"done": {"n": point}}, point
            if not idempotent:
                assert all(one in ({"done": {"n": point}}, GateError.INTERRUPTED.value) for one in answers)
                # The step ran again only in an attempt that the workflow's Retry asked for.
                assert len(calls.inputs) - before <= ran + 1


def idempotent_version(here: GateHere, app: App) -> None:
    """The version with its step declared idempotent."""

    def declared(version: Any) -> Any:
        steps = {name: plan.model_copy(update={"idempotent": True}) for name, plan in version.steps.items()}
        return version.model_copy(update={"steps": steps})

    here.cloud.registry.change_version(app.id, "1.0.0", declared)


def outcome(here: GateHere, run: Any, value: Any, retry: int) -> Any:
    """What an attempt answers: the output, or the error's name."""
    try:
        return here.attempt(run, "Only", value, step="work", nonce=f"r{retry}" if retry else "x", retry=retry)
    except StepFailure as failure:
        return failure.name


def test_a_steps_error_has_its_own_name_and_place(here: GateHere) -> None:
    run = here.start(installed(here, Calls().work), "main")
    with pytest.raises(StepFailure, match="no such guest") as caught:
        here.attempt(run, "Only", {"fail": 1}, step="work")
    assert caught.value.name == "LookupError"
    assert "test_pass_gate.py:" in caught.value.where
    assert message_of(caught.value) == "no such guest"
    (record,) = here.records(run)
    assert record.status is RecordStatus.FAILED
    assert record.error is not None
    assert record.error.frames[-1].function == "Calls.work"


def died(kind: str, message: str) -> dict[str, Any]:
    body = json.dumps({"errorType": kind, "errorMessage": message}).encode()
    return {"FunctionError": "Unhandled", "Payload": io.BytesIO(body), "ResponseMetadata": {}}


def refused(code: str, status: int) -> ClientError:
    fields: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(fields, "Invoke")


ENDS: dict[str, tuple[Any, GateError]] = {
    "exit": (died("Runtime.ExitError", "exit status 3"), GateError.STEP_EXIT),
    "no JSON": ({"FunctionError": "Unhandled", "Payload": io.BytesIO(b"<html>")}, GateError.STEP_EXIT),
    "timeout": (died("Sandbox.Timedout", "Task timed out after 8.00 seconds"), GateError.STEP_TIMEOUT),
    "timeout by text": (died("", "2026 Task timed out after 8.00 seconds"), GateError.STEP_TIMEOUT),
    "another answer": ({"Payload": io.BytesIO(b'{"hello": 1}'), "ResponseMetadata": {}}, GateError.BAD_OUTPUT),
    "throttled": (refused("TooManyRequestsException", 429), GateError.UNAVAILABLE),
    "broken": (refused("ServiceException", 500), GateError.INTERRUPTED),
    "never sent": (EndpointConnectionError(endpoint_url="http://x"), GateError.UNAVAILABLE),
    "no answer": (ReadTimeoutError(endpoint_url="http://x"), GateError.INTERRUPTED),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_without_an_answer_has_a_name(here: GateHere, end: str) -> None:
    answer, error = ENDS[end]

    def instead() -> dict[str, Any]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    # A throttled step is called again for half of its time.
    run = here.start(installed(here, Calls().work, "timeout_s = 2"), "main")
    here.instead = instead
    with pytest.raises(StepFailure) as caught:
        here.attempt(run, "Only", {}, step="work")
    assert caught.value.name == error.value
    (record,) = here.records(run)
    assert (record.status, record.error and record.error.name) == (RecordStatus.FAILED, error.value)


def test_an_unknown_run_install_version_or_step_is_stopped(here: GateHere) -> None:
    app = installed(here, Calls().work)
    run = here.start(app, "main")
    with pytest.raises(GateFailure, match="no step other"):
        here.attempt(run, "Only", {}, step="other")
    unknown = run.id[:-1] + ("1" if run.id.endswith("0") else "0")
    gone = run.model_copy(update={"execution": run.execution.replace(run.id, unknown)})
    with pytest.raises(GateFailure, match="the run .* does not exist"):
        here.attempt(gone, "Only", {}, step="work")
    elsewhere = run.model_copy(update={"execution": run.execution.replace(f":{TENANT}_", ":other_")})
    with pytest.raises(GateFailure, match="does not exist"):
        here.attempt(elsewhere, "Only", {}, step="work")


def test_an_aws_error_before_the_step_is_unavailable(here: GateHere) -> None:
    calls = Calls()
    run = here.start(installed(here, calls.work), "main")

    def fail(**_: Any) -> None:
        raise refused("InternalServerError", 500)

    events = client("dynamodb").meta.events
    events.register_first("before-call.dynamodb.BatchGetItem", fail)
    try:
        with pytest.raises(GateFailure) as caught:
            here.attempt(run, "Only", {}, step="work")
    finally:
        events.unregister("before-call.dynamodb.BatchGetItem", fail)
    assert caught.value.name == GateError.UNAVAILABLE.value
    assert calls.inputs == []


def test_an_aws_error_behind_the_step_is_interrupted(here: GateHere) -> None:
    calls = Calls()
    run = here.start(installed(here, calls.work), "main")
    puts: list[int] = []

    def fail(**_: Any) -> None:
        puts.append(1)
        if len(puts) > 1:
            raise refused("InternalServerError", 500)

    events = client("dynamodb").meta.events
    events.register_first("before-call.dynamodb.PutItem", fail)
    try:
        with pytest.raises(GateFailure) as caught:
            here.attempt(run, "Only", {}, step="work")
    finally:
        events.unregister("before-call.dynamodb.PutItem", fail)
    assert caught.value.name == GateError.INTERRUPTED.value
    assert len(calls.inputs) == 1


def test_a_large_output_that_is_not_read_spills(here: GateHere) -> None:
    app = installed(here, large)
    run = here.start(app, "main")
    output = here.attempt(run, "Only", {}, step="work")
    assert len(json.dumps(output)) < limits.SPILL_BUDGET_BYTES
    assert list(markers(output))
    # What was spilled is put back before a step sees it.
    again = Calls()
    here.steps[app.plan.steps["work"].function]["steps:work"] = again.work
    here.attempt(run, "Next", output, step="work")
    assert again.inputs == [LARGE]


def test_a_large_output_that_the_workflow_reads_is_too_large(here: GateHere) -> None:
    reading = bundle(
        CODE,
        {"work": ""},
        {
            "main": {
                "StartAt": "Only",
                "States": {
                    "Only": task("work", Next="Read"),
                    "Read": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$.text", "StringEquals": "y", "Next": "End"}],
                        "Default": "End",
                    },
                    "End": {"Type": "Succeed"},
                },
            }
        },
    )
    app = here.app(reading, {"work": large})
    run = here.start(app, "main")
    with pytest.raises(GateFailure) as caught:
        here.attempt(run, "Only", {}, step="work")
    assert caught.value.name == GateError.TOO_LARGE.value
