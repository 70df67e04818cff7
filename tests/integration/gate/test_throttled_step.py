"""A step that Lambda throttles is called again within the gate's patience; nothing else is ever called twice."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from botocore.stub import Stubber

from interlock.aws.clients import client
from interlock.aws.services.functions import LONGEST_WAIT_SECONDS, THROTTLED, invoke_step
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.envelope import StepAnswer, StepContext, StepRequest, Timing, Trigger
from tests.support.cloud import AT

PATIENCE = 10.0
CONTEXT = StepContext(
    run="r",
    tenant="acme",
    install="i",
    app="acme/app",
    version="1.0.0",
    workflow="main",
    state="One",
    step="one",
    attempt=0,
    visit="v",
    trigger=Trigger(kind="api", name="api", id="1"),
)
REQUEST = StepRequest(handler="app:one", input={}, context=CONTEXT)
ANSWER = StepAnswer(output={"n": 1}, timing=Timing(started=AT, duration_ms=1.0))


@pytest.fixture
def functions() -> Iterator[Stubber]:
    with Stubber(client("lambda")) as stubber:
        yield stubber


def refused(stubber: Stubber, code: str, status: int) -> None:
    stubber.add_client_error("invoke", code, http_status_code=status)


def answered(stubber: Stubber) -> None:
    payload = io.BytesIO(ANSWER.model_dump_json().encode())
    stubber.add_response("invoke", {"StatusCode": 200, "Payload": payload})


def call(waits: list[float], patience: float = PATIENCE) -> StepAnswer:
    return invoke_step("step", "acme", REQUEST, patience=patience, wait=waits.append)[0]


def test_throttled_call_is_made_again(functions: Stubber) -> None:
    waits: list[float] = []
    for _ in range(4):
        refused(functions, THROTTLED, 429)
    answered(functions)
    assert call(waits).output == {"n": 1}
    assert len(waits) == 4
    assert all(seconds <= 0.1 * 2**tried for tried, seconds in enumerate(waits))
    functions.assert_no_pending_responses()


def test_patience_ends(functions: Stubber) -> None:
    for _ in range(500):
        refused(functions, THROTTLED, 429)
    waits: list[float] = []
    with pytest.raises(GateFailure) as failure:
        call(waits)
    assert failure.value.name == GateError.UNAVAILABLE
    assert PATIENCE - LONGEST_WAIT_SECONDS < sum(waits) < PATIENCE
    none: list[float] = []
    with pytest.raises(GateFailure):
        call(none, patience=0)
    assert none == []


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("ServiceException", 500, GateError.INTERRUPTED),
        ("ResourceNotFoundException", 404, GateError.UNAVAILABLE),
        ("EC2ThrottledException", 502, GateError.INTERRUPTED),
    ],
)
def test_other_refusals_are_not_called_again(functions: Stubber, code: str, status: int, name: GateError) -> None:
    waits: list[float] = []
    refused(functions, code, status)
    with pytest.raises(GateFailure) as failure:
        call(waits)
    assert (failure.value.name, waits) == (name, [])
