"""The step records that the gate writes: one function for each way in which an attempt begins or ends."""

from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.envelope import StepAnswer, StepError, Timing
from interlock.contract.platform_step import Approved
from interlock.contract.run import Body, Breakpoint, Decision, Pause, PauseStatus, RecordStatus, StepRecord
from interlock.control.gate.visit import Visit
from interlock.debugger.reuse import visit_name


def wanted_pause(
    visit: Visit, rule: Breakpoint, value: Body, record: StepRecord | None = None, *, approval: str = ""
) -> Pause:
    """The pause that a breakpoint wants.

    Args:
        visit: the attempt.
        rule: the breakpoint.
        value: the input, as the step had it or would get it.
        record: how the step ended, after it ran.
        approval: what people are asked, where it is no breakpoint; the pause has its id.
    """
    return Pause(
        id=approval or names.ulid(),
        run=visit.run.id,
        tenant=visit.run.tenant,
        state=visit.request.state,
        step=visit.request.step,
        index=visit.request.index,
        digest=visit.asked,
        at=rule.at,
        status=PauseStatus.WANTED,
        breakpoint=rule.id,
        armed_by=rule.armed_by,
        since=now(),
        input=value,
        output=record.output if record else None,
        error=record.error if record else None,
        claimant=visit.claimant,
        approval=approval,
    )


def started_record(visit: Visit) -> StepRecord:
    """The record of an attempt that begins now."""
    request = visit.request
    return StepRecord(
        run=visit.run.id,
        execution=str(visit.name),
        state=request.state,
        step=request.step,
        entered=request.entered,
        redrive=request.redrive,
        index=request.index,
        attempt=request.retry,
        nonce=request.nonce,
        digest=visit.digest,
        asked="" if visit.asked == visit.digest else visit.asked,
        status=RecordStatus.STARTED,
        started=now(),
        input=visit.bodies.keep(visit.value),
        replaces=visit.work.replaces,
        dry=visit.run.dry,
    )


def ended_record(
    visit: Visit, started: StepRecord, answer: StepAnswer, *, duration_ms: float, request_id: str
) -> StepRecord:
    """The started record with what the step answered.

    Args:
        visit: the attempt.
        started: its started record.
        answer: output or error, effects, timing.
        duration_ms: the invocation as the gate saw it, in milliseconds.
        request_id: Lambda's id of the invocation; empty where none arrived.
    """
    effects = visit.bodies.keep([effect.model_dump(mode="json") for effect in answer.effects])
    return started.model_copy(
        update={
            "status": RecordStatus.FAILED if answer.error else RecordStatus.SUCCEEDED,
            "ended": now(),
            "duration_ms": round(duration_ms, 3),
            "step_ms": answer.timing.duration_ms,
            "cold": answer.timing.cold,
            "output": None if answer.error else visit.bodies.keep(answer.output),
            "error": answer.error,
            "summary": answer.summary,
            "sensitive": answer.sensitive,
            "log_group": f"/aws/lambda/{visit.plan.function}",
            "log_request": request_id,
        }
        | ({"effects_key": effects.key} if effects.key else {"effects": answer.effects})
    )


def unanswered(failure: GateFailure, started: StepRecord) -> StepAnswer:
    """The answer of a step whose function gave none."""
    error = StepError(name=failure.name, type=failure.name, message=failure.what)
    return StepAnswer(error=error, timing=Timing(started=started.started, duration_ms=0.0))


def interrupted_record(visit: Visit, what: str) -> StepRecord:
    """The record of an attempt that ends at once, because nobody knows how the one before it ended."""
    name = GateError.INTERRUPTED.value
    error = StepError(name=name, type=name, message=what)
    return _at_once(visit, RecordStatus.FAILED, {"error": error})


def reused_record(visit: Visit, record: StepRecord) -> StepRecord:
    """The copy in this run of a record of another execution: nothing is run."""
    return record.model_copy(
        update={
            "run": visit.run.id,
            "execution": str(visit.name),
            "entered": visit.request.entered,
            "attempt": visit.request.retry,
            "nonce": visit.request.nonce,
            "reused": record.reused or visit_name(record),
            "copy_of": record.copy_of or visit_name(record) if record.reused and "#" not in record.reused else "",
        }
    )


def decided_record(visit: Visit, pause: Pause, decision: Decision) -> StepRecord:
    """The record of what a person decided in the step's place; `go` after the step ran is what it had answered."""
    error, output = pause.error, pause.output
    if decision.action == "error":
        error = StepError(name=decision.error, type=decision.error, message=decision.cause)
    elif decision.action == "output":
        error, output = None, visit.bodies.keep(decision.output)
    status = RecordStatus.FAILED if error else RecordStatus.SUCCEEDED
    reused = f"decided by {decision.by}"
    return _at_once(visit, status, {"output": None if error else output, "error": error, "reused": reused})


def unasked_record(visit: Visit, *, error: StepError | None = None, reused: str = "") -> StepRecord:
    """The record of an approval that asks nobody: its parameters do not fit (`error`), or the run is dry."""
    if error is not None:
        return _at_once(visit, RecordStatus.FAILED, {"error": error})
    output = visit.bodies.keep(Approved(by=reused, at=now()).model_dump(mode="json"))
    return _at_once(visit, RecordStatus.SUCCEEDED, {"output": output, "reused": reused})


def _at_once(visit: Visit, status: RecordStatus, fields: dict[str, object]) -> StepRecord:
    return started_record(visit).model_copy(update={"status": status, "ended": now()} | fields)
