"""Calls step functions, once: what they answer, or how they ended without an answer."""

import json
import random
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from interlock.aws.clients import client
from interlock.aws.errors import AWS_ERRORS
from interlock.aws.long_calls import NotSentError, answered_within
from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import GateError, GateFailure, Unavailable
from interlock.contract.envelope import StepAnswer, StepRequest
from interlock.contract.fork import CheckAnswer, CheckRequest

NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, NotSentError)
THROTTLED = "TooManyRequestsException"
"""https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors: nothing was run."""
START_SECONDS = 15
"""What a call takes beside the step's own time: 10 s at most to start an environment.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib"""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 2.0


def invoke_step(
    function: str,
    tenant: str,
    request: StepRequest,
    *,
    seconds: float = limits.LAMBDA_TIMEOUT_SECONDS,
    patience: float = 0.0,
    wait: Callable[[float], None] = time.sleep,
) -> tuple[StepAnswer, str]:
    """Invoke a step function for a tenant.

    Args:
        function: its ARN.
        tenant: the tenant, whose execution environment it is.
        request: what the step gets.
        seconds: how long it may take.
        patience: for how many seconds a call that Lambda throttles is made again.
        wait: waits so many seconds.

    Returns:
        The step's answer, and the request id under which its log lines are.

    Raises:
        GateFailure: it exited, ran out of time, could not be called (`Interlock.Unavailable`: it did not run), did not
            answer (`Interlock.Interrupted`: it may have run), or answered what is no answer.
    """
    body = request.model_dump_json().encode()
    if len(body) > limits.LAMBDA_PAYLOAD_BYTES:
        raise GateFailure(GateError.TOO_LARGE, f"the step's input has {len(body)} bytes", where=function)
    try:
        with answered_within(seconds + START_SECONDS):
            answer = _patiently(lambda: _invoke(function, tenant, body), patience, wait)
            payload = answer["Payload"].read()
    except NEVER_SENT as error:
        raise GateFailure(GateError.UNAVAILABLE, f"the step could not be called: {error}", where=function) from error
    except ClientError as error:
        refused = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500
        kind = GateError.UNAVAILABLE if refused else GateError.INTERRUPTED
        raise GateFailure(kind, f"the step could not be called: {error}", where=function) from error
    except AWS_ERRORS as error:
        raise GateFailure(
            GateError.INTERRUPTED, f"the step's answer did not arrive: {error}", where=function
        ) from error
    request_id = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
    if answer.get("FunctionError"):
        raise _died(payload, function)
    try:
        return StepAnswer.model_validate_json(payload), request_id
    except ValueError as error:
        raise GateFailure(
            GateError.BAD_OUTPUT, "the step's process did not answer in the form of a step", where=function
        ) from error


def _invoke(function: str, tenant: str, body: bytes) -> Any:
    return client("lambda").invoke(FunctionName=function, TenantId=tenant, Payload=body)


def _patiently(call: Callable[[], Any], patience: float, wait: Callable[[float], None]) -> Any:
    """Make a call again while Lambda throttles it, later each time and varied by chance, within so many seconds."""
    waited, longest = 0.0, FIRST_WAIT_SECONDS
    while True:
        try:
            return call()
        except ClientError as error:
            seconds = random.uniform(0, longest)
            if error.response.get("Error", {}).get("Code") != THROTTLED or waited + seconds >= patience:
                raise
        wait(seconds)
        waited, longest = waited + seconds, min(2 * longest, LONGEST_WAIT_SECONDS)


def check_value(gate: str, request: CheckRequest) -> CheckAnswer:
    """Ask the gate whether a value fits a step's type.

    Raises:
        Unavailable: the gate could not tell.
    """
    answer = client("lambda").invoke(FunctionName=gate, Payload=request.model_dump_json().encode())
    payload = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise Unavailable("the types of the step could not be read", where=request.step, next_step="Try again.")
    return CheckAnswer.model_validate_json(payload)


def run_task(function: str, event: Json) -> Json:
    """Let a function of the platform do one task; its answer.

    Raises:
        Unavailable: the task failed.
    """
    answer = client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload: Any = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise Unavailable(
            str(payload.get("errorMessage", "the task failed")), where=function, next_step="Look at the function's log."
        )
    return payload


def _died(payload: bytes, function: str) -> GateFailure:
    try:
        raw: dict[str, Any] = json.loads(payload)
    except ValueError:
        raw = {}
    kind = str(raw.get("errorType", ""))
    message = str(raw.get("errorMessage", "the step's process ended without an answer"))
    if kind == "Sandbox.Timedout" or "timed out" in message.lower():
        return GateFailure(GateError.STEP_TIMEOUT, message, where=function, next_step="Raise the step's timeout_s.")
    return GateFailure(GateError.STEP_EXIT, f"{kind or 'Runtime.ExitError'}: {message}", where=function)
