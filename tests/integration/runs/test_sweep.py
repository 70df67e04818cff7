"""The sweep: what ended unseen is finished, one failure holds up no other run, and what runs is not described."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.contract.core.base import moment
from interlock.contract.run import Run, RunStatus, Usage
from interlock.control.runs.finish import FinishContext
from interlock.control.runs.sweep import sweep_runs
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import a_run, installed, received

WAITING = 60
ROLE = "arn:aws:iam::123456789012:role/machines"
DEFINITION = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}})
HOUR = timedelta(hours=1)


@pytest.fixture
def machine(cloud: Cloud) -> str:
    states = client("stepfunctions")
    answer = states.create_state_machine(name="interlock-v-0-main", definition=DEFINITION, roleArn=ROLE)
    return str(answer["stateMachineArn"])


@pytest.fixture
def context(cloud: Cloud) -> FinishContext:
    return FinishContext(runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket)


@pytest.fixture
def install(cloud: Cloud) -> str:
    listed(cloud)
    return installed(cloud)


def started(cloud: Cloud, install: str, machine: str, number: int, age: timedelta = HOUR, **fields: Any) -> Run:
    """A run that began so long ago, and whose execution runs."""
    plain = a_run(install, number % 10, id=f"r{number:03}", started=moment(datetime.now(UTC) - age), **fields)
    name = f"{TENANT}_{install}_{plain.id}"
    execution = str(client("stepfunctions").start_execution(stateMachineArn=machine, name=name)["executionArn"])
    run = plain.model_copy(update={"execution": execution})
    cloud.runs.create(run)
    return run


def ended(run: Run) -> None:
    client("stepfunctions").stop_execution(executionArn=run.execution, error="Boom", cause="{}")


def status(cloud: Cloud, run: Run) -> RunStatus:
    return cloud.runs.find(TENANT, run.id).item.status


@contextmanager
def refused(operation: str) -> Generator[None]:
    """Let an operation of Step Functions fail while the block runs."""

    def refuse(**_: Any) -> None:
        raise TimeoutError("no answer")

    events = client("stepfunctions").meta.events
    events.register_first(f"before-call.sfn.{operation}", refuse)
    try:
        yield
    finally:
        events.unregister(f"before-call.sfn.{operation}", refuse)


def test_run_that_ended_unseen_is_finished(cloud: Cloud, context: FinishContext, install: str, machine: str) -> None:
    waits = [started(cloud, install, machine, number) for number in range(WAITING)]
    gone, young = started(cloud, install, machine, 90), started(cloud, install, machine, 91, timedelta(minutes=1))
    for run in (gone, young):
        ended(run)
    cloud.calls.clear()
    result = sweep_runs(context)
    calls = Counter(cloud.calls)
    assert (len(result.seen), result.failed, result.ended) == (WAITING + 2, (), True)
    assert (calls["ListExecutions"], calls["DescribeExecution"]) == (1, 1)
    assert status(cloud, gone) is RunStatus.ABORTED
    assert {status(cloud, run) for run in (*waits, young)} == {RunStatus.RUNNING}


def test_run_past_its_deadline_is_stopped(cloud: Cloud, context: FinishContext, install: str, machine: str) -> None:
    late = started(cloud, install, machine, 1, deadline_s=60)
    in_time = started(cloud, install, machine, 2, deadline_s=60, paused_ms=3_600_000)
    sweep_runs(context)
    assert (status(cloud, late), status(cloud, in_time)) == (RunStatus.ABORTED, RunStatus.RUNNING)


def test_run_that_cannot_be_finished_holds_up_no_other(
    cloud: Cloud, context: FinishContext, install: str, machine: str
) -> None:
    runs = [started(cloud, install, machine, number) for number in range(4)]
    for run in runs:
        ended(run)
    broken = runs[1]
    cloud.runs.change(TENANT, broken.id, lambda run: run.model_copy(update={"version": "9.9.9"}))
    result = sweep_runs(context)
    assert [run.id for run in result.failed] == [broken.id]
    assert [status(cloud, run) for run in runs if run is not broken] == [RunStatus.ABORTED] * 3
    assert [run.id for run in sweep_runs(context).failed] == [broken.id], "it is reported each time"


def test_nothing_is_finished_where_nobody_says_what_runs(
    cloud: Cloud, context: FinishContext, install: str, machine: str
) -> None:
    runs = [started(cloud, install, machine, number) for number in range(3)]
    with refused("ListExecutions"):
        cloud.calls.clear()
        result = sweep_runs(context)
    assert ({run.id for run in result.failed}, result.seen) == ({run.id for run in runs}, ())
    assert "DescribeExecution" not in cloud.calls


def test_sweep_ends_before_its_time_does(cloud: Cloud, context: FinishContext, install: str, machine: str) -> None:
    for number in range(5):
        started(cloud, install, machine, number)
    answers = iter((True, True, False))
    result = sweep_runs(context, lambda: next(answers))
    assert (len(result.seen), result.ended) == (2, False)


@pytest.mark.parametrize(("minutes", "swept"), [(11, True), (1, False)])
def test_end_that_was_cut_off_is_settled(
    cloud: Cloud, context: FinishContext, install: str, minutes: int, swept: bool
) -> None:
    """Within the first minutes whoever ended it may still be at work. The tenant is notified before it is settled."""
    alerts = client("sqs").create_queue(QueueName="alerts")["QueueUrl"]
    ended_at = moment(datetime.now(UTC) - timedelta(minutes=minutes))
    run = a_run(
        install, execution=f"x:m:{TENANT}_{install}_r0", status=RunStatus.FAILED, ended=ended_at, unsettled=True
    )
    cloud.runs.create(run)
    assert list(cloud.runs.running()) == []
    sweep_runs(replace(context, alerts=alerts))
    assert cloud.runs.find(TENANT, run.id).item.unsettled is not swept
    assert len(received(alerts)) == swept
    sweep_runs(replace(context, alerts=alerts))
    assert received(alerts) == []


@pytest.mark.parametrize("gone", ["tenant", "install"])
def test_end_is_settled_though_its_owner_is_gone(cloud: Cloud, context: FinishContext, install: str, gone: str) -> None:
    tenant, removed = ("gone", install) if gone == "tenant" else (TENANT, "gone")
    ended_at = moment(datetime.now(UTC) - timedelta(minutes=11))
    fields: dict[str, Any] = {"execution": f"x:m:{tenant}_{removed}_r0", "status": RunStatus.SUCCEEDED}
    run = a_run(removed, tenant=tenant, ended=ended_at, unsettled=True, usage=Usage(step_ms=5), **fields)
    cloud.runs.create(run)
    assert sweep_runs(context).failed == ()
    assert not cloud.runs.find(tenant, run.id).item.unsettled
