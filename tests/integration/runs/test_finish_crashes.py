"""The end of a run whose first delivery was killed: the second one does all that the first one did not."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.counters import Counters
from interlock.aws.tables.table import Stored
from interlock.contract.approval import ApprovalStatus, Ask
from interlock.contract.core.base import today
from interlock.contract.run import Body, Pause, PauseStatus, Run, RunStatus
from interlock.control.pauses.approvals import ApprovalContext, Asker, new_approval
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import AT, TENANT, Cloud, listed, machine
from tests.support.crashes import Killed, listening
from tests.support.records import installed, message, put, received, record

STEP_MS = 1_500.0


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


def a_paused_run(cloud: Cloud, install: str, key: str) -> Run:
    """A run that waits for an approval, with one step done."""
    starter = StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )
    run = start_run(message(install, id=key), starter)
    assert run is not None
    put(cloud, record(run, step_ms=STEP_MS))
    desk = ApprovalContext(approvals=Approvals(cloud.runs.table.name), runs=cloud.runs)
    approval = new_approval(Ask(question="Go on?"), Asker(f"tenant/{TENANT}", "acme/app", run.execution, "Ask", AT))
    desk.approvals.write(Stored(item=approval))
    raw: dict[str, Any] = {"id": "p", "run": run.id, "tenant": TENANT, "state": "Ask", "step": "ask", "digest": "d"}
    raw |= {"at": "before", "status": PauseStatus.WAITING, "breakpoint": "b", "armed_by": "me", "since": AT}
    pause = Pause.model_validate(raw | {"input": Body(), "approval": approval.id})
    cloud.runs.write_pause(pause, was=None)
    return cloud.runs.change(TENANT, run.id, lambda current: current.model_copy(update={"open_pauses": 1}))


def what_is_left(cloud: Cloud, context: FinishContext, run: Run) -> dict[str, Any]:
    """What an end brings besides its status."""
    (pause,) = cloud.runs.pauses(TENANT, run.id)
    approval = Approvals(cloud.runs.table.name).find(f"tenant/{TENANT}", pause.approval).item
    used = Counters(cloud.runs.table.name).in_use(TENANT, today())
    stored = cloud.runs.find(TENANT, run.id).item
    return {
        "status": stored.status,
        "unsettled": stored.unsettled,
        "places": used.runs,
        "approval": approval.status,
        "usage": sum(run.id in row.key.sk for row in cloud.runs.table.query_all(f"USE#{TENANT}#{today()}")),
        "alerts": len(set(received(context.alerts))),
    }


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
