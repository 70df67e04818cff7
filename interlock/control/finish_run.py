"""The one way out: a status event of Step Functions, or the sweep, ends a run.

Everything comes from the step records and the event itself; Step Functions is never asked (its reads are few a
second). What the history alone knows (Choice, Wait, Pass) is fetched when somebody opens the run.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from interlock.aws.bodies import Bodies
from interlock.aws.buses import put_event
from interlock.aws.runs import Runs
from interlock.contract import limits, names
from interlock.contract.base import Document, moment
from interlock.contract.events import RUNS_SOURCE, RunDetail, RunEvent
from interlock.contract.run import Run, RunStatus
from interlock.control.pauses import change_run
from interlock.debugger.cause import first_cause, usage


class Ending(Document):
    """How an execution ended: the detail of the status event of Step Functions."""

    execution: str
    status: str
    """SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
    output: str = ""
    error: str = ""
    cause: str = ""
    stopped: int = 0
    """Milliseconds since the epoch."""


@dataclass(frozen=True)
class Finisher:
    """What finishing works with."""

    runs: Runs
    bucket: str


RESTART = "States.ServiceRestart"
"""The error by which the embedded engine fails what was running when it stopped; `up` recovers those runs."""
STATUSES = {
    "SUCCEEDED": RunStatus.SUCCEEDED,
    "FAILED": RunStatus.FAILED,
    "TIMED_OUT": RunStatus.FAILED,
    "ABORTED": RunStatus.ABORTED,
}


def finish_run(ending: Ending, finisher: Finisher) -> Run | None:
    """Write a run's end and tell the tenant's bus, once; None where the execution is not the run's (any more)."""
    status = STATUSES.get(ending.status)
    name = names.parse_execution(ending.execution)
    stored = finisher.runs.find(name.tenant, name.run)
    if ending.error == RESTART or status is None or stored.run.execution != ending.execution or stored.run.status.over:
        return None
    records = [record for _, record in finisher.runs.records(name.tenant, name.run)]
    bodies = Bodies(finisher.bucket, name.tenant, name.run)
    failed = first_cause(records, ending.error, ending.cause) if status is not RunStatus.SUCCEEDED else None
    at = datetime.fromtimestamp(ending.stopped / 1000, UTC) if ending.stopped else datetime.now(UTC)
    output = bodies.keep(json.loads(ending.output)) if ending.output else None

    def over(run: Run) -> Run:
        words = {"status": status, "ended": moment(at), "output": output, "failed": failed, "usage": usage(records)}
        return run if run.status.over else run.model_copy(update=words | {"open_pauses": 0})

    run = change_run(finisher.runs, name.tenant, name.run, over)
    _tell(run)
    return run


def _tell(run: Run) -> None:
    kind = {RunStatus.SUCCEEDED: RunEvent.SUCCEEDED}.get(run.status, RunEvent.FAILED)
    detail = RunDetail(
        id=f"{run.id}:{kind.value}",
        type=kind,
        tenant=run.tenant,
        at=moment(datetime.now(UTC)),
        run=run.id,
        app=run.app,
        version=run.version,
        workflow=run.workflow,
        failed=run.failed,
        debug=f"interlock run show {run.id}" if run.failed else "",
    )
    put_event(run.tenant, RUNS_SOURCE, kind.value, detail.model_dump_json()[: limits.EVENT_ENTRY_BYTES])
