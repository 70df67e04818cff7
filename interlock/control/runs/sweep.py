"""Looks after runs whose status event never came (they are best effort), and ends those past their deadline.

Step Functions says in pages of a thousand which executions of a workflow run: only a run that is not among them, or
is past its deadline, is looked at by itself. So is one whose end was written and not settled: whoever ended it is
gone. Where the time does not suffice, the next sweep begins somewhere else.
"""

from datetime import UTC, datetime, timedelta

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.services import step_functions
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import GateError
from interlock.contract.run import Run, RunStatus
from interlock.control.clocks import InTime, Round, always, look_at_each
from interlock.control.runs.finish import RESTART, STATUSES, Ending, FinishContext, finish_run

GRACE = timedelta(minutes=10)
"""An event that is this late will not come."""


def sweep_runs(context: FinishContext, in_time: InTime = always) -> Round[Run]:
    """Finish what has ended unseen, and stop what is past its deadline."""
    executions = _Executions()
    return look_at_each(
        context.runs.unsettled(), lambda run: _look_at(run, executions, context), lambda run: f"run {run.id}", in_time
    )


class _Executions:
    """Which executions run, by state machine; asked once a sweep."""

    def __init__(self) -> None:
        self.answers: dict[str, frozenset[str] | Exception] = {}

    def runs(self, run: Run) -> bool:
        """Whether a run's execution runs.

        Raises:
            Exception: Step Functions did not say it of this machine.
        """
        machine = run.execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
        if machine not in self.answers:
            try:
                self.answers[machine] = step_functions.running(machine)
            except AWS_ERRORS as error:
                self.answers[machine] = error
        answer = self.answers[machine]
        if isinstance(answer, Exception):
            raise answer
        return run.execution in answer


def _look_at(run: Run, executions: _Executions, context: FinishContext) -> None:
    age = datetime.now(UTC) - parse_moment(run.ended or run.started)
    if run.status.over:
        if age > GRACE:
            finish_run(Ending(execution=run.execution, status=run.status.value.upper()), context)
        return
    overdue = _overdue(run, age)
    if overdue:
        step_functions.stop(run.execution, GateError.DEADLINE.value, f"the workflow's {run.deadline_s} s are over")
    if age <= GRACE or (not overdue and executions.runs(run)):
        return
    values = step_functions.describe(run.execution)
    status = values.get("status", "") or "ABORTED"
    if values.get("error") == RESTART or status not in STATUSES:
        return
    output, error, cause = (values.get(word, "") for word in ("output", "error", "cause"))
    finish_run(Ending(execution=run.execution, status=status, output=output, error=error, cause=cause), context)


def _overdue(run: Run, age: timedelta) -> bool:
    is_running = run.status is RunStatus.RUNNING and run.deadline_s is not None
    return is_running and age.total_seconds() - run.paused_ms / 1000 > (run.deadline_s or 0)
