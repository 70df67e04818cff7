"""`${platform.approve}` in a run: the gate asks people, and the run waits as it does at a breakpoint.

The approval has the pause's id: a decision about it is the pause's decision, which the gate carries out when the state
is entered again. A dry fork asks nobody.
"""

from pydantic import ValidationError

from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.table import Stored
from interlock.contract.approval import ApprovalError, Ask
from interlock.contract.core.failure import Conflict, GateError, GateFailure
from interlock.contract.core.validation import describe
from interlock.contract.envelope import StepError, paused_message
from interlock.contract.run import Breakpoint, StepRecord
from interlock.contract.stand_in import Decision
from interlock.control.gate.records import unasked_record, wanted_pause
from interlock.control.gate.visit import GateContext, Visit
from interlock.control.pauses.approvals import ApprovalContext, Asker, announce, new_approval, set_timer
from interlock.control.pauses.pauses import open_pause

CAPTURED = "captured: a dry fork asks nobody"
STAND_IN = "decided by the golden test"


def ask_people(visit: Visit, context: GateContext) -> StepRecord:
    """Ask, once for each entry of a state.

    Returns:
        The end of what nobody has to be asked for: parameters that do not fit, a dry fork, or a golden test.

    Raises:
        GateFailure: `Interlock.Paused`: people were asked.
    """
    try:
        question = Ask.model_validate(visit.value)
    except ValidationError as error:
        row = error.errors()[0]
        what = describe(row, ".".join(str(part) for part in row["loc"]) or "the input")
        name = GateError.BAD_INPUT.value
        return _end(visit, context, unasked_record(visit, error=StepError(name=name, type=name, message=what)))
    if visit.run.dry:
        return _end(visit, context, unasked_record(visit, reused=CAPTURED))
    state = visit.request.state
    if visit.install.stand_ins is not None:
        decision = visit.install.stand_ins.approvals.get(state)
        return _end(visit, context, _decided(visit, decision))
    message = paused_message(_ask(visit, context, question), f"the run waits for an approval at {state}")
    raise GateFailure(GateError.PAUSED, message, where=state)


def _decided(visit: Visit, decision: Decision | None) -> StepRecord:
    """What a golden test's stand-in says; one that has no stand-in ends here, for nobody will be asked."""
    if decision == "approve":
        return unasked_record(visit, reused=STAND_IN)
    name = (ApprovalError.REJECTED if decision else ApprovalError.UNDECIDED).value
    state = visit.request.state
    what = STAND_IN if decision else f"the golden test does not decide {state}: add it to `approvals` of the test"
    return unasked_record(visit, error=StepError(name=name, type=name, message=what))


def _ask(visit: Visit, context: GateContext, question: Ask) -> str:
    """Write the approval and its pause; the id that both have."""
    run, request = visit.run, visit.request
    desk = ApprovalContext(approvals=Approvals(context.runs.table.name), runs=context.runs)
    asker = Asker(
        scope=f"tenant/{run.tenant}",
        subject=f"{run.app}@{run.version} {run.workflow}, run {run.id}",
        execution=request.run,
        state=request.state,
        entered=request.entered,
        key=visit.claimant,
    )
    approval = new_approval(question, asker)
    approval = approval.model_copy(update={"run": run.id, "pause": approval.id})
    set_timer(desk, approval)
    announce(desk, approval)
    rule = Breakpoint(id=approval.id, armed_by=run.app, armed_at=approval.asked, once=False)
    try:
        desk.approvals.write(Stored(item=approval, rev=0))
    except Conflict:
        # Another delivery of this attempt asked; it may have died before it wrote the pause.
        approval = desk.approvals.find(approval.scope, approval.id).item
    try:
        body = visit.bodies.keep(visit.value)
        pause = wanted_pause(visit, rule, body, approval=approval.id)
        open_pause(context.runs, run, pause, disarm=rule.once)
    except Conflict:
        # Another delivery of this attempt wrote it.
        pass
    return approval.id


def _end(visit: Visit, context: GateContext, record: StepRecord) -> StepRecord:
    context.runs.end(visit.key, record)
    return record
