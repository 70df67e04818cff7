"""After a restart of the engine: start again what it forgot, under the same run, pause and approval ids.

The engine fails every execution that was running when it stopped, and forgets their task tokens. Each run that is not
over gets a new execution, in which the gate serves what was recorded: nothing is executed twice. A step that was
running when the engine stopped has a record without an end; the gate fails it by name, unless it is idempotent.
A workflow of the platform that waited for a person begins anew, and comes to the same question.
"""

import json

from interlock.aws.services import step_functions
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.approval import PLATFORM_SCOPE, Approval
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.run import PauseStatus, Run, RunStatus
from interlock.control.pauses.approvals import ApprovalContext, list_approvals
from interlock.control.runs.finish import RESTART
from interlock.control.runs.fork import FORK_SUFFIX
from interlock.control.runs.start import StartContext, begin_execution
from interlock.local.engine.process import Engine
from interlock.local.environment import talking_to
from interlock.local.record import PlatformRecord


def recover(engine: Engine, record: PlatformRecord) -> list[str]:
    """Start again every run whose execution a restart of the engine ended; their ids."""
    with talking_to(engine):
        runs = Runs(record.runs_table)
        starter = StartContext(
            runs=runs,
            registry=Registry(record.registry_table),
            bucket=record.data_bucket,
            artifacts=record.artifact_bucket,
            machine_prefix="",
        )
        lost = [run for run in list(runs.running()) if _is_lost(run)]
        for run in lost:
            _again(run, starter)
        return [run.id for run in lost]


def ask_again(engine: Engine, record: PlatformRecord) -> list[str]:
    """Start again every workflow of the platform that waited for a person; the approvals that they wait for."""
    with talking_to(engine):
        desk = ApprovalContext(approvals=Approvals(record.runs_table), runs=Runs(record.runs_table))
        return [approval.id for approval in _questions(desk) if _begin_anew(approval)]


def _questions(context: ApprovalContext) -> list[Approval]:
    approvals: list[Approval] = []
    cursor: str | None = None
    while True:
        page = list_approvals(context, PLATFORM_SCOPE, cursor=cursor)
        approvals += page.approvals
        cursor = page.cursor
        if cursor is None:
            return approvals


def _begin_anew(approval: Approval) -> bool:
    lost = step_functions.describe(approval.execution)
    if lost.get("error") != RESTART:
        return False
    machine, _, _ = approval.execution.rpartition(":")
    order: Json = json.loads(lost["input"])
    step_functions.start(machine.replace(":execution:", ":stateMachine:"), f"again-{names.ulid()}", order)
    return True


def _is_lost(run: Run) -> bool:
    values = step_functions.describe(run.execution)
    if not values:
        # A run that was only about to start is started by the next delivery of its message.
        return run.status is not RunStatus.STARTING
    return values["error"] == RESTART


def _again(run: Run, context: StartContext) -> None:
    for pause in context.runs.pauses(run.tenant, run.id):
        if pause.status in (PauseStatus.WANTED, PauseStatus.WAITING):
            wanted = pause.model_copy(update={"status": PauseStatus.WANTED, "again": True})
            context.runs.write_pause(wanted, was=pause.status)
    machine, _, _ = run.execution.rpartition(":")

    def renamed(current: Run) -> Run:
        generation = current.recovered + 1
        passes_waits = names.parse_execution(current.execution).suffix.startswith(FORK_SUFFIX)
        suffix = f"{FORK_SUFFIX if passes_waits else ''}r{generation}"
        name = names.ExecutionName(current.tenant, current.install, current.id, suffix)
        status = RunStatus.PAUSED if current.status is RunStatus.PAUSED else RunStatus.RUNNING
        return current.model_copy(update={"execution": f"{machine}:{name}", "recovered": generation, "status": status})

    # Written before the start: an end of the old execution no longer ends the run.
    after = context.runs.change(run.tenant, run.id, renamed)
    begin_execution(after, machine.replace(":execution:", ":stateMachine:"), context)
