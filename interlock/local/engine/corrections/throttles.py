"""AWS: a Task whose function is throttled fails with `Lambda.TooManyRequestsException`.

The emulator: with `Lambda.Unknown`, so that a Retry for throttling is not tried.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
"""

from __future__ import annotations

from .edit import Correction, Edit

THROTTLES = Correction(
    name="throttles",
    aws="a throttled Task fails with Lambda.TooManyRequestsException",
    emulator="it fails with Lambda.Unknown",
    edits=(
        Edit(
            "ministack.services.stepfunctions",
            """    if result.get("error"):
        body = result.get("body", {})
        if isinstance(body, dict):
            # AWS reports""",
            """    if result.get("throttle"):
        raise _ExecutionError("Lambda.TooManyRequestsException", result["body"]["message"])
    if result.get("error"):
        body = result.get("body", {})
        if isinstance(body, dict):
            # AWS reports""",
        ),
    ),
)
