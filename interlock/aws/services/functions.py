"""Calls step functions, once: what they answer, or how they ended without an answer."""

import json
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from interlock.aws.clients import client
from interlock.aws.errors import AWS_ERRORS
from interlock.contract.core import limits
from interlock.contract.core.failure import GateError, GateFailure, Unavailable
from interlock.contract.envelope import StepAnswer, StepRequest
from interlock.contract.fork import CheckAnswer, CheckRequest

NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError)


def invoke_step(function: str, tenant: str, request: StepRequest) -> tuple[StepAnswer, str]:
    """Invoke a step function for a tenant.

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
        answer = client("lambda").invoke(FunctionName=function, TenantId=tenant, Payload=body)
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
