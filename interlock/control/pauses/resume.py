"""A person's decision about a pause, with edited values checked against the step's types before anything is written."""

from interlock.aws.tables.runs import Runs
from interlock.contract.core.failure import BadRequest, Conflict
from interlock.contract.run import Decision, Pause, PauseStatus
from interlock.control.pauses.pauses import decide, find_pause
from interlock.control.runs.fork import refuse_misfit


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
            "people were asked, and those decide",
            where=pause_id,
            code="pause-approval",
            next_step=f"Look at it: interlock approval show {pause.approval}",
        )
    if decision.action == "retry" and pause.at == "before":
        raise BadRequest("the step has not run yet", where="retry", next_step="Resume it as it is.")
    found = runs.find(tenant, run).item
    if decision.edited:
        refuse_misfit(gate, found, found.version, pause.step, "input", decision.input)
    if decision.action == "output":
        refuse_misfit(gate, found, found.version, pause.step, "output", decision.output)
    return decide(runs, tenant, run, pause_id, decision)
