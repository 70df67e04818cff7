"""Ends of runs and the sweep, disturbed at each of their calls to AWS."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.runs import shard
from interlock.contract.core.base import moment
from interlock.contract.run import Run
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from interlock.control.runs.sweep import sweep_runs
from tests.support.aws_faults import Case, Fault, disturb_everywhere, show
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.paused_runs import a_paused_run, what_is_left
from tests.support.records import a_run, installed

ROLE = "arn:aws:iam::123456789012:role/machines"
DEFINITION = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}})
HOURS = timedelta(hours=2)


@pytest.fixture
def context(cloud: Cloud) -> FinishContext:
    listed(cloud)
    queues = {name: client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("alerts", "starts")}
    return FinishContext(
        runs=cloud.runs,
        registry=cloud.registry,
        bucket=cloud.bucket,
        artifacts=cloud.bucket,
        alerts=queues["alerts"],
        starts=queues["starts"],
    )


@pytest.fixture
def install(cloud: Cloud, context: FinishContext) -> str:
    return installed(cloud)


def test_end_of_a_run(cloud: Cloud, context: FinishContext, install: str, capsys: pytest.CaptureFixture[str]) -> None:
    def act(run: Run) -> None:
        finish_run(Ending(execution=run.execution, status="FAILED", error="Boom", cause="{}"), context)

    case = Case(
        "finish_run",
        lambda word: a_paused_run(cloud, install, word),
        act,
        lambda run: what_is_left(cloud, context, run),
    )
    # The kills are those of `tests/integration/runs/test_finish_crashes.py`.
    show(capsys, disturb_everywhere(case, tuple(fault for fault in Fault if fault is not Fault.KILL)))


def test_sweep(cloud: Cloud, context: FinishContext, install: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The next round finds a run whose end was written and not settled, and no event ever comes."""
    states = client("stepfunctions")
    machine = states.create_state_machine(name="interlock-v-0-main", definition=DEFINITION, roleArn=ROLE)

    def prepare(word: str) -> Run:
        # All of them in one part of the index, so that each sweep makes the same calls.
        word = next(name for name in (f"{word}-{number}" for number in count()) if shard(name) == shard("plain"))
        name = f"{TENANT}_{install}_{word}"
        execution = states.start_execution(stateMachineArn=machine["stateMachineArn"], name=name)["executionArn"]
        states.stop_execution(executionArn=execution, error="Boom", cause="{}")
        fields: dict[str, Any] = {"started": moment(datetime.now(UTC) - HOURS), "execution": str(execution)}
        run = a_run(install, id=word, **fields)
        cloud.runs.create(run)
        return run

    def act(_: Run) -> None:
        random.seed(1)
        sweep_runs(context)

    def again(run: Run) -> None:
        """A round that comes later than an end takes."""
        stored = cloud.runs.find(TENANT, run.id).item
        if stored.status.over and stored.unsettled:
            ended = moment(datetime.now(UTC) - HOURS / 2)
            cloud.runs.change(TENANT, run.id, lambda current: current.model_copy(update={"ended": ended}))
        sweep_runs(context)

    def look(run: Run) -> dict[str, Any]:
        stored = cloud.runs.find(TENANT, run.id).item
        usage = sum(run.id in row.key.sk for row in cloud.runs.table.query_all(f"USE#{TENANT}#{ended_on(stored)}"))
        return {"status": stored.status, "unsettled": stored.unsettled, "usage": usage}

    show(capsys, disturb_everywhere(Case("sweep_runs", prepare, act, look, again)))


def ended_on(run: Run) -> str:
    assert run.ended
    return run.ended[:10]
