"""Looks after runs whose status event never came (they are best effort), and ends those past their deadline."""

from datetime import UTC, datetime, timedelta

from interlock.aws.services import step_functions
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import GateError
from interlock.contract.run import Run, RunStatus
from interlock.control.runs.finish import RESTART, STATUSES, Ending, FinishContext, finish_run

GRACE = timedelta(minutes=10)
"""An event that is this late will not come."""


def sweep_runs(context: FinishContext) -> int:
    """Finish what has ended unseen; how many runs that were."""
    finished = 0
    for run in list(context.runs.running()):
        age = datetime.now(UTC) - parse_moment(run.started)
        if run.status is RunStatus.RUNNING and _overdue(run, age):
            step_functions.stop(run.execution, GateError.DEADLINE.value, f"the workflow's {run.deadline_s} s are over")
        if age > GRACE:
            values = step_functions.describe(run.execution)
            status = values.get("status", "") or "ABORTED"
            if values.get("error") == RESTART:
                continue
            output, error, cause = (values.get(word, "") for word in ("output", "error", "cause"))
            ending = Ending(execution=run.execution, status=status, output=output, error=error, cause=cause)
            if status in STATUSES and finish_run(ending, context):
                finished += 1
    return finished


def _overdue(run: Run, age: timedelta) -> bool:
    return run.deadline_s is not None and age.total_seconds() - run.paused_ms / 1000 > run.deadline_s
