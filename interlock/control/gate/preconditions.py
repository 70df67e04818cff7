"""What the gate refuses before anything runs: kill switches, deadline, a full history, an attempt without an end."""

import zlib
from datetime import UTC, datetime

from interlock.contract.core import limits
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.registry import WorkflowPlan
from interlock.contract.run import RecordStatus, StepRecord
from interlock.control.gate.records import interrupted_record
from interlock.control.gate.visit import GateContext, Visit

HISTORY_SAMPLE = 32
"""One visit in so many counts the run's records, where a workflow repeats itself."""


def check_preconditions(visit: Visit, context: GateContext) -> None:
    """Refuse the attempt if a precondition is not met.

    Raises:
        GateFailure: `Interlock.Stopped`, `Deadline`, `QuotaExceeded`, `HistoryFull` or `Interrupted`.
    """
    run = visit.run
    if visit.install.status.gone:
        raise GateFailure(GateError.STOPPED, f"the install is {visit.install.status.value}", where=visit.request.state)
    for why in (visit.install.stopped, visit.version.stopped, visit.app_stopped):
        if why:
            raise GateFailure(GateError.STOPPED, f"switched off: {why}", where=visit.request.state)
    if run.deadline_s is not None:
        spent = (datetime.now(UTC) - parse_moment(run.started)).total_seconds() - run.paused_ms / 1000
        if spent > run.deadline_s:
            raise GateFailure(
                GateError.DEADLINE, f"the workflow ran longer than its {run.deadline_s} s", where=visit.request.state
            )
    if visit.spent:
        raise GateFailure(
            GateError.QUOTA,
            "the step time of this day is used up",
            where=visit.request.state,
            next_step="Wait until midnight UTC, or look at the quota: interlock quota show",
        )
    _refuse_full_history(visit, context)
    previous = visit.previous_record
    if (
        previous is not None
        and previous.status is RecordStatus.STARTED
        and not visit.plan.idempotent
        and visit.record is None
    ):
        _interrupt(visit, previous, context)


def _refuse_full_history(visit: Visit, context: GateContext) -> None:
    """Counted now and then, and remembered on the run: every visit after that fails without counting."""
    plan, run = visit.version.workflows[visit.run.workflow], visit.run
    full = run.history_full
    sampled = zlib.crc32(visit.request.nonce.encode()) % HISTORY_SAMPLE == 0
    if plan.repeats and not full and sampled and visit.record is None:
        full = context.runs.count_records(run.tenant, run.id) >= max_records(plan)
        if full:
            context.runs.change(run.tenant, run.id, lambda latest: latest.model_copy(update={"history_full": True}))
    if full:
        raise GateFailure(
            GateError.HISTORY_FULL,
            f"the run has nearly reached Step Functions' limit of {limits.SFN_HISTORY_EVENTS} events",
            where=visit.request.state,
            next_step="Split the work over several runs: emit an event for each part.",
        )


def max_records(plan: WorkflowPlan) -> int:
    """How many recorded attempts fill a history, with what the workflow's other states add to each Task."""
    beside = limits.EVENTS_PER_STATE * max(plan.states - plan.tasks, 0) / max(plan.tasks, 1)
    return int((limits.SFN_HISTORY_EVENTS - limits.HISTORY_RESERVE_EVENTS) / (limits.EVENTS_PER_STEP + beside))


def _interrupt(visit: Visit, previous: StepRecord, context: GateContext) -> None:
    """Fail this attempt by name, once: its record is the end that the next attempt finds, which runs."""
    what = f"attempt {previous.attempt} began, and its end is not known"
    context.runs.end(visit.key, interrupted_record(visit, what))
    raise GateFailure(
        GateError.INTERRUPTED,
        what,
        where=visit.request.state,
        next_step="Declare the step idempotent, or Retry on Interlock.Interrupted.",
    )
