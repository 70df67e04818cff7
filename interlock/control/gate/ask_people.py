"""`${platform.approve}` in a run: the gate asks people, and the run waits as it does at a breakpoint.

The approval has the pause's id: a decision about it is the pause's decision, which the gate carries out when the state
is entered again. A dry fork asks nobody.
"""

from pydantic import ValidationError

from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.table import Stored
from interlock.contract.approval import Ask
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict, GateError, GateFailure
from interlock.contract.envelope import StepError
from interlock.contract.platform_step import Approved
from interlock.contract.run import Breakpoint, RecordStatus, StepRecord
from interlock.control.gate.visit import Gate, Visit, started_record
from interlock.control.pauses.approvals import Desk, announce, made, remind
from interlock.control.pauses.pauses import open_pause

CAPTURED = "captured: a dry fork asks nobody"


def ask_people(visit: Visit, gate: Gate) -> StepRecord:
    """Ask, once for each entry of a state.

    Returns:
        The end of what nobody has to be asked for: parameters that do not fit, or a dry fork.

    Raises:
        GateFailure: `Interlock.Paused`: people were asked.
    """
    try:
        asked = Ask.model_validate(visit.value)
    except ValidationError as error:
        row = error.errors()[0]
        what = f"{'.'.join(str(part) for part in row['loc']) or 'the input'}: {row['msg']}"
        name = GateError.BAD_INPUT.value
        return _ended(visit, gate, error=StepError(name=name, type=name, message=what))
    if visit.run.dry:
        return _ended(visit, gate)
    _ask(visit, gate, asked)
    raise GateFailure(GateError.PAUSED, f"people are asked at {visit.request.state}", where=visit.request.state)


def _ask(visit: Visit, gate: Gate, asked: Ask) -> None:
    run, request = visit.run, visit.request
    desk = Desk(approvals=Approvals(gate.runs.table.name), runs=gate.runs)
    approval = made(
        asked,
        scope=f"tenant/{run.tenant}",
        subject=f"{run.app}@{run.version} {run.workflow}, run {run.id}",
        execution=request.run,
        state=request.state,
        entered=request.entered,
        key=visit.claimant,
    )
    approval = approval.model_copy(update={"run": run.id, "pause": approval.id})
    remind(desk, approval)
    announce(desk, approval)
    rule = Breakpoint(id=approval.id, armed_by=run.app, armed_at=approval.asked, once=False)
    try:
        desk.approvals.write(Stored(item=approval, rev=0))
    except Conflict:
        # Another delivery of this attempt asked; it may have died before it wrote the pause.
        approval = desk.approvals.find(approval.scope, approval.id).item
    try:
        kept = visit.bodies.keep(visit.value)
        open_pause(gate.runs, run, request, visit.asked, rule, kept, None, visit.claimant, approval=approval.id)
    except Conflict:
        return


def _ended(visit: Visit, gate: Gate, error: StepError | None = None) -> StepRecord:
    at = now()
    output = None if error else visit.bodies.keep(Approved(by=CAPTURED, at=at).model_dump(mode="json"))
    status = RecordStatus.FAILED if error else RecordStatus.SUCCEEDED
    words = {"status": status, "ended": at, "output": output, "error": error, "reused": "" if error else CAPTURED}
    record = started_record(visit).model_copy(update=words)
    gate.runs.end(visit.key, record)
    return record
