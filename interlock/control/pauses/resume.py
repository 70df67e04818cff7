"""A person's decision about a pause, with edited values checked against the step's types before anything is written."""

from interlock.aws.services.functions import check_value
from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, Conflict, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.fork import CheckRequest
from interlock.contract.run import Decision, Pause, PauseStatus, Run
from interlock.control.pauses.pauses import decide, find_pause


def decide_checked(runs: Runs, gate: str, tenant: str, run: str, pause_id: str, decision: Decision) -> Pause:
    """Decide about a pause.

    Raises:
        NotFound: no such pause.
        Conflict: it is decided already, or its run is over.
        BadRequest: a retry of a step that has not run yet.
        Rejected: an edited input or output does not fit the step's type.
    """
    pause = find_pause(runs, tenant, run, pause_id)
    if pause.status is not PauseStatus.WAITING:
        raise Conflict(
            f"the pause is {pause.status.value}",
            where=pause_id,
            code="pause-taken",
            next_step=f"Look at it: interlock pause show {run} {pause_id}",
        )
    if pause.approval:
        raise Conflict(
            "the pause ends when its approval is decided",
            where=pause_id,
            code="pause-approval",
            next_step=f"Look at it: interlock approval show {pause.approval}",
        )
    if decision.action == "retry" and pause.at == "before":
        raise BadRequest("the step has not run yet", where="retry", next_step="Resume the step without retry.")
    current = runs.find(tenant, run).item
    if decision.edited:
        refuse_misfit(gate, current, current.version, pause.step, "input", decision.input)
    if decision.action == "output":
        refuse_misfit(gate, current, current.version, pause.step, "output", decision.output)
    return decide(runs, tenant, run, pause_id, decision)


def refuse_misfit(gate: str, run: Run, version: str, step: str, which: str, value: Json) -> None:
    """Ask the step's own code whether an edited value fits its type.

    Raises:
        Rejected: it does not; nothing was started.
    """
    fields = {"check": which, "tenant": run.tenant, "app": run.app, "version": version, "step": step, "value": value}
    error = check_value(gate, CheckRequest.model_validate(fields)).error
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
            where=run.id,
            code="edit-type",
            next_step=f"Look at the step: interlock run show {run.id}",
        )
