"""The gate: every Task of every workflow calls it."""

import time
from typing import Any

from functions import contexts
from functions.cold_start import imports_done
from functions.telemetry import Metric, correlate, count, measure, observed
from interlock.contract.core.base import Json
from interlock.contract.core.failure import GateError, StepFailure
from interlock.contract.core.names import parse_execution
from interlock.contract.envelope import GateRequest
from interlock.contract.fork import CheckRequest
from interlock.control.gate.check_value import check_value
from interlock.control.gate.pass_gate import pass_gate

imports_done()
_step_times: list[float] = []
"""Milliseconds of the steps that this call of the gate invoked."""


@observed
def handler(event: dict[str, Any], context: Any) -> Json:
    """Parse, pass the gate, answer; raise a class named as the step's error, because Retry and Catch match its name.

    The control API asks it whether a value fits a step's type: an event with `check`.
    """
    gate = contexts.gate(context.invoked_function_arn.split(":")[4], _step_times.append)
    if "check" in event:
        return check_value(CheckRequest.model_validate(event), gate).model_dump(mode="json")
    request = GateRequest.model_validate(event)
    name = parse_execution(request.run)
    correlate(run=name.run, tenant=name.tenant)
    began = time.monotonic()
    _step_times.clear()
    try:
        return pass_gate(request, gate)
    except StepFailure as failure:
        if failure.name == GateError.PAUSED:
            count(Metric.PAUSES)
        named = type(failure.name, (Exception,), {})
        raise named(failure.what + (f" [{failure.where}]" if failure.where else "")) from None
    finally:
        measure(Metric.GATE_TIME, (time.monotonic() - began) * 1000 - sum(_step_times))
