"""The end of a run whose first delivery was killed: the second one does all that the first one did not."""

from __future__ import annotations

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.counters import Counters
from interlock.contract.approval import ApprovalStatus
from interlock.contract.core.base import today
from interlock.contract.run import Run, RunStatus
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.crashes import Killed, listening
from tests.support.paused_runs import STEP_MS, a_paused_run, what_is_left
from tests.support.records import installed


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


def test_end_is_whole_after_a_kill_at_every_point(cloud: Cloud, context: FinishContext, install: str) -> None:
    def ending(run: Run) -> Ending:
        return Ending(execution=run.execution, status="FAILED", error="Boom", cause="{}")

    first = a_paused_run(cloud, install, "first")
    with listening() as killer:
        finish_run(ending(first), context)
        calls = list(killer.calls)
    wanted = what_is_left(cloud, context, first)
    assert wanted == {
        "status": RunStatus.FAILED,
        "unsettled": False,
        "places": 0,
        "approval": ApprovalStatus.EXPIRED,
        "usage": 1,
        "alerts": 1,
    }
    milliseconds = Counters(cloud.runs.table.name).in_use(TENANT, today()).milliseconds
    assert milliseconds == STEP_MS
    for point in range(2, len(calls) + 1):
        run = a_paused_run(cloud, install, f"killed-{point}")
        before = Counters(cloud.runs.table.name).in_use(TENANT, today()).milliseconds
        with listening() as killer:
            killer.at = point
            with pytest.raises(Killed):
                finish_run(ending(run), context)
        finish_run(ending(run), context)
        assert what_is_left(cloud, context, run) == wanted, f"killed before call {point}, {calls[point - 1]}"
        counted = Counters(cloud.runs.table.name).in_use(TENANT, today()).milliseconds - before
        assert counted in (STEP_MS, 2 * STEP_MS), f"killed before call {point}, {calls[point - 1]}"


def test_delivery_of_a_settled_end_counts_nothing_again(cloud: Cloud, context: FinishContext, install: str) -> None:
    run = a_paused_run(cloud, install, "twice")
    ending = Ending(execution=run.execution, status="SUCCEEDED", output="{}")
    finish_run(ending, context)
    left = what_is_left(cloud, context, run)
    milliseconds = Counters(cloud.runs.table.name).in_use(TENANT, today()).milliseconds
    finish_run(ending, context)
    assert what_is_left(cloud, context, run) == left
    assert Counters(cloud.runs.table.name).in_use(TENANT, today()).milliseconds == milliseconds
