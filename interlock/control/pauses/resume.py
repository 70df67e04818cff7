"""A person's decision about a pause, with edited values checked against the step's types before anything is written."""

from dataclasses import dataclass

from interlock.aws.services.functions import check_value
from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import now
from interlock.contract.core.failure import BadRequest, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.fork import CheckRequest
from interlock.contract.run import Decision, Pause, PauseStatus
from interlock.control.pauses.hands import NOT_PREEMPTED, require_free, require_waiting
from interlock.control.pauses.pauses import decide, find_pause, tell_again


@dataclass(frozen=True)
class PauseContext:
    """What decisions about pauses work with."""

    runs: Runs
    gate: str
    """The gate's ARN: it asks a step's own code whether an edited value fits."""


def decide_checked(context: PauseContext, tenant: str, run: str, pause_id: str, decision: Decision) -> Pause:
    """Decide about a pause. The same caller's same decision again answers as the first one did.

    Raises:
        NotFound: no such pause.
        Conflict: it is decided already, its approvers decide it, or a person has it and a copilot decides.
        BadRequest: a retry of a step that has not run yet.
        Rejected: an edited input or output does not fit the step's type.
    """
    pause = find_pause(context.runs, tenant, run, pause_id)
    if pause.status is PauseStatus.DECIDED:
        # Whoever decided may have died before the state heard of it.
        tell_again(context.runs, pause)
        if pause.decision is not None and decision == pause.decision.model_copy(update=NOT_PREEMPTED):
            return pause
    require_waiting(pause)
    require_free(pause, agent=decision.agent, at=now())
    if decision.action == "retry" and pause.at == "before":
        raise BadRequest("the step has not run yet", where="retry", next_step="Resume the step without retry.")
    current = context.runs.find(tenant, run).item
    fields = {"tenant": tenant, "app": current.app, "version": current.version, "step": pause.step}
    if decision.edited:
        check = CheckRequest.model_validate(fields | {"check": "input", "value": decision.input})
        refuse_misfit(context.gate, current.id, check)
    if decision.action == "output":
        check = CheckRequest.model_validate(fields | {"check": "output", "value": decision.output})
        refuse_misfit(context.gate, current.id, check)
    return decide(context.runs, tenant, run, pause_id, decision)


def refuse_misfit(gate: str, run: str, check: CheckRequest) -> None:
    """Ask the step's own code whether an edited value fits its type.

    Raises:
        Rejected: it does not; nothing was started.
    """
    which, step = check.check, check.step
    error = check_value(gate, check).error
    if error is not None:
        finding = Finding(
            code="edit.type",
            where=which,
            what=error.message,
            fix=f"Change the {which} to the type that step {step} declares.",
        )
        raise Rejected(
            f"the {which} does not have the type that step {step} declares",
            [finding],
            where=run,
            code="edit-type",
            next_step=f"Look at the step: interlock run show {run}",
        )
