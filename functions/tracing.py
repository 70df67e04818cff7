"""Traces of the functions outside the path of a run: Powertools' Tracer over aws-xray-sdk (ADR 0020).

Their calls of AWS are subsegments. Answers are no part of a trace: they hold what belongs to tenants.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools.tracing import Tracer

from functions.telemetry import SERVICE

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], Any], Answer]
_tracer = Tracer(service=SERVICE, patch_modules=["botocore"])


def traced(handler: Handler[Answer]) -> Handler[Answer]:
    """A handler that is a subsegment of its call's trace, with its cold start and its error."""
    return _tracer.capture_lambda_handler(handler, capture_response=False)
