"""After a restart of the engine: start again what it forgot, under the same run, pause and approval ids.

The engine fails every execution that was running when it stopped, and forgets their task tokens. Each run that is not
over gets a new execution, in which the gate serves what was recorded: nothing is executed twice. A step that was
running when the engine stopped has a record without an end; the gate fails it by name, unless it is idempotent.
A workflow of the platform that waited for a person begins anew, and comes to the same question.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interlock.aws.clients import client
from interlock.aws.services import step_functions
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.run import PauseStatus, Run, RunStatus
from interlock.control.runs.finish import RESTART
from interlock.control.runs.fork import FORK_SUFFIX
from interlock.control.runs.start import StartContext, begin_execution
from interlock.local.engine.process import Engine
from interlock.local.environment import talking_to
from interlock.local.record import PlatformRecord

SERVICES = ("cloudformation", "dynamodb", "stepfunctions")
"""The services that an `up` calls when there is nothing to deploy."""
OWN = f"{names.PREFIX}-"
VERSIONS = f":{names.PREFIX}-v-"
RECENT = timedelta(days=1)
"""An execution fails when the next engine starts: what failed earlier was looked at by an earlier `up`."""


@dataclass(frozen=True)
class Recovery:
    """What became of the runs that the end of the engine cut.

    Attributes:
        runs: those that go on, by their ids.
        failed: those that could not be started again, each with the reason.
    """

    runs: tuple[str, ...]
    failed: Mapping[str, str]


def recover(engine: Engine, record: PlatformRecord) -> Recovery:
    """Start again every run whose execution a restart of the engine ended; one that can't go on holds up no other."""
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
        failed: dict[str, str] = {}
        for run in lost:
            try:
                _again(run, starter)
            except Failure as failure:
                failed[run.id] = failure.what
        return Recovery(tuple(run.id for run in lost if run.id not in failed), failed)


def resume_workflows(engine: Engine) -> list[str]:
    """Start again every workflow of the platform that the end of the engine cut; what they are called.

    Each looks first at what is there, so it may run again (the comment of each definition in `statemachines`).
    """
    with talking_to(engine):
        return [one for one in _cut_workflows() if _begin_anew(one)]


def _cut_workflows() -> list[str]:
    """The executions of the platform's own machines that failed lately."""
    since = datetime.now(UTC) - RECENT
    states = client("stepfunctions")
    machines = states.get_paginator("list_state_machines").paginate()
    arns = [one["stateMachineArn"] for page in machines for one in page["stateMachines"]]
    own = [arn for arn in arns if arn.rpartition(":")[2].startswith(OWN) and VERSIONS not in arn]
    listing = states.get_paginator("list_executions")
    pages = [page for arn in own for page in listing.paginate(stateMachineArn=arn, statusFilter="FAILED")]
    return [one["executionArn"] for page in pages for one in page["executions"] if one["stopDate"] > since]


def _begin_anew(execution: str) -> bool:
    lost = step_functions.describe(execution)
    if lost.get("error") != RESTART:
        return False
    machine, _, name = execution.rpartition(":")
    again = f"again-{hashlib.sha256(name.encode()).hexdigest()[:40]}"
    if step_functions.describe(f"{machine}:{again}"):
        return False
    order: Json = json.loads(lost["input"])
    try:
        step_functions.start(machine.replace(":execution:", ":stateMachine:"), again, order)
    except NotFound:
        return False
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
