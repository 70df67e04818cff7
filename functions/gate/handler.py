"""The gate: every Task of every workflow calls it."""

import os
import time
from functools import cache
from typing import Any

from functions.cold_start import imports_done
from functions.telemetry import Metric, correlate, count, measure, observed
from interlock.aws.services.secrets import platform_secret
from interlock.aws.services.sessions import Sessions
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.compiler.policy import Deployment
from interlock.contract.core.base import Json
from interlock.contract.core.failure import GateError, GateFailure, StepFailure
from interlock.contract.core.names import parse_execution
from interlock.contract.core.settings import GateSettings
from interlock.contract.envelope import GateRequest
from interlock.contract.fork import CheckRequest
from interlock.control.gate.check_value import check_value
from interlock.control.gate.pass_gate import pass_gate
from interlock.control.gate.visit import GateContext

imports_done()
_step_times: list[float] = []
"""Milliseconds of the steps that this call of the gate invoked."""


@cache
def gate_context(partition: str, account: str) -> GateContext:
    """What the gate works with, once in a process."""
    settings = GateSettings.read()
    region = os.environ["AWS_REGION"]
    deployment = Deployment(
        partition=partition, region=region, account=account, api_id=settings.api_id, bucket=settings.data_bucket
    )
    return GateContext(
        runs=Runs(settings.runs_table),
        registry=Registry(settings.registry_table),
        sessions=Sessions(deployment),
        bucket=settings.data_bucket,
        ticket_secret=lambda: platform_secret(settings.ticket_secret).current,
        region=region,
        api_url=settings.api_url,
        api_host=settings.api_host,
        endpoint_url=settings.endpoint_url,
        on_step=_step_times.append,
        on_app=lambda app: correlate(app=app),
    )


@observed
def handler(event: dict[str, Any], context: Any) -> Json:
    """Parse, pass the gate, answer; raise a class named as the step's error, because Retry and Catch match its name.

    The control API asks it whether a value fits a step's type: an event with `check`.
    """
    arn = context.invoked_function_arn.split(":")
    gate = gate_context(arn[1], arn[4])
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
        elif failure.name == GateError.UNAVAILABLE:
            count(Metric.GATE_FAULTS)
        named = type(failure.name, (Exception,), {})
        raise named(message_of(failure)) from None
    except Exception:
        count(Metric.GATE_FAULTS)
        raise
    finally:
        measure(Metric.GATE_TIME, (time.monotonic() - began) * 1000 - sum(_step_times))


def message_of(failure: StepFailure) -> str:
    """What Step Functions writes into the error's Cause: a step's message as it was raised; a gate's with its place."""
    place = failure.where if isinstance(failure, GateFailure) else ""
    return f"{failure.what} [{place}]" if place else failure.what
