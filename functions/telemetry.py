"""Logs and metrics of the platform's functions: Powertools, one logger and one set of metrics in a process (ADR 0020).

Modules below log by `logging.getLogger("interlock")`: Powertools' logger is that one, so their lines are JSON with the
correlation ids that the handler appended. Metrics go out in CloudWatch's embedded metric format when a call ends.
"""

import os
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], Any], Answer]
SERVICE = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "interlock")
NAMESPACE = "Interlock"
logger = Logger(service="interlock")
_metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


class Metric(StrEnum):
    """The metrics of the platform's functions, in the namespace `Interlock`."""

    START_LATENCY = "StartLatency"
    """From the message on the queue of starts to the started execution, in milliseconds."""
    GATE_TIME = "GateTime"
    """One attempt at the gate without the step itself, in milliseconds."""
    PAUSES = "Pauses"
    """Steps that stopped at a breakpoint or asked people."""
    GATE_FAULTS = "GateFaults"
    """Attempts that the gate itself could not serve: a step that fails is none."""
    CLOCK_FAULTS = "ClockFaults"
    """Items that a clock could not look at: they stay due."""
    DEAD_LETTERS = "DeadLetters"
    """Starts that became dead letters."""


def correlate(**ids: str) -> None:
    """Put ids into every further line of this call: `run`, `tenant`, `app`; an empty one is left out."""
    logger.append_keys(**{name: value for name, value in ids.items() if value})


def count(metric: Metric, number: int = 1) -> None:
    """Count something that happened."""
    _metrics.add_metric(metric.value, MetricUnit.Count, number)


def measure(metric: Metric, milliseconds: float) -> None:
    """Write down how long something took."""
    _metrics.add_metric(metric.value, MetricUnit.Milliseconds, max(milliseconds, 0.0))


def observed(handler: Handler[Answer]) -> Handler[Answer]:
    """A handler whose lines carry the request's id, and whose metrics are written when it ends."""

    @wraps(handler)
    def call(event: dict[str, Any], context: Any) -> Answer:
        logger.clear_state()
        correlate(request=str(getattr(context, "aws_request_id", "") or ""))
        try:
            return handler(event, context)
        finally:
            if _metrics.metric_set:
                _metrics.flush_metrics()

    return call
