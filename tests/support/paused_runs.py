"""Runs that wait for an approval, and what their end leaves."""

from __future__ import annotations

from typing import Any

from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.counters import Counters
from interlock.aws.tables.table import Stored
from interlock.contract.approval import Ask
from interlock.contract.core.base import today
from interlock.contract.run import Body, Pause, PauseStatus, Run
from interlock.control.pauses.approvals import ApprovalContext, Asker, new_approval
from interlock.control.runs.finish import FinishContext
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import AT, TENANT, Cloud, machine
from tests.support.records import message, put, received, record

STEP_MS = 1_500.0


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
