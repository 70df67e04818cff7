"""The gate: what happens between a workflow's Task and its step (ADR 0004).

Stages of one attempt, in order:
  1. read      one BatchGetItem: run, install, version, this attempt's record and the one before
  2. check     kill switches, deadline, a full history, an attempt before that nobody knows the end of
  3. serve     a decision of a pause, an earlier attempt whose success was not heard, or a record that a fork reuses
  4. stop      a breakpoint: writes the pause and raises `Interlock.Paused`; a version's stops the sandbox's runs, and
               a tenant's within a support session (one more read, only where the version has one for this visit)
  5. begin     the started record, only if there is none (a second delivery of the attempt gets the first one's answer)
  6. run       session, ticket, Invoke with TenantId
  7. end       the finished record, then the answer, or the step's error by its name
An AWS call that fails is `Interlock.Unavailable` before the step was called, `Interlock.Interrupted` after.
Downside: the gate's own time and memory are paid while the step runs (ADR 0008).
"""

import time
from dataclasses import replace

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.tables.runs import record_key
from interlock.contract import payload
from interlock.contract.core import limits
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import Failure, GateError, GateFailure, StepFailure
from interlock.contract.envelope import GateRequest, paused_message
from interlock.contract.platform_step import APPROVE
from interlock.contract.run import Breakpoint, Decision, Pause, RecordStatus, StepRecord
from interlock.control.gate.call_step import call_step, place_of, vend_session
from interlock.control.gate.parallel_places import occupied_place
from interlock.control.gate.preconditions import check_preconditions
from interlock.control.gate.records import (
    decided_record,
    ended_record,
    reused_record,
    started_record,
    unanswered,
    wanted_pause,
)
from interlock.control.gate.reuse import Position, find_reusable, work_of_fork
from interlock.control.gate.visit import GateContext, Visit, disambiguate_by_nonce, read_visit
from interlock.control.pauses.breakpoints import At, Stop, error_value, hit
from interlock.control.pauses.pauses import open_pause, take_decision, wanted_again

MIN_SPILL_BUDGET = 16 * limits.KIB


def pass_gate(request: GateRequest, context: GateContext) -> Json:
    """Serve one attempt of a step.

    Returns:
        The step's output: what the compiled Task's result is.

    Raises:
        StepFailure: named as the error that the workflow's Retry and Catch match.
    """
    try:
        visit = read_visit(request, context)
        context.on_app(visit.run.app)
        check_preconditions(visit, context)
        visit, served = serve(visit, context)
        if served is None:
            visit, served = run_step(visit, context)
        return answer(visit, served)
    except StepFailure:
        raise
    except (Failure, *AWS_ERRORS) as error:
        raise _named(GateError.UNAVAILABLE, "an AWS call of the gate failed", error, request.state) from error


def serve(visit: Visit, context: GateContext) -> tuple[Visit, StepRecord | None]:
    """Stage 3: the record that answers the attempt without running it; None where the step has to run.

    Raises:
        GateFailure: `Interlock.Paused` where a breakpoint stops the visit, or a recovered pause stops it again.
    """
    run, request = visit.run, visit.request
    pause = take_decision(context.runs, run, request, visit.asked) if run.open_pauses or run.paused_ms else None
    if pause is not None and pause.claimant:
        visit = replace(visit, claimant=pause.claimant)
    if pause is not None and pause.decision is not None:
        return _carry_out(visit, pause, pause.decision, context)
    again = wanted_again(context.runs, run, request, visit.asked) if run.recovered and run.open_pauses else ""
    if again:
        raise GateFailure(
            GateError.PAUSED, paused_message(again, f"stopped again at {request.state}"), where=request.state
        )
    own = _own_record(visit, context)
    if own is not None:
        return visit, own
    visit = _with_work(visit, context)
    if visit.work.record is not None:
        return visit, _reuse(visit, visit.work.record, context)
    stop_at_breakpoint(visit, "before", context)
    return visit, None


def stop_at_breakpoint(visit: Visit, at: At, context: GateContext, record: StepRecord | None = None) -> None:
    """Stage 4: write a pause where a breakpoint of run, install or version matches.

    Args:
        visit: the attempt.
        at: where in the step the gate is.
        context: what the gate works with.
        record: what the step answered, for `after` and `error`.

    Raises:
        GateFailure: `Interlock.Paused`.
    """
    state = visit.request.state
    stop = Stop(visit.name.tenant, at, state, visit.request.index)
    rules = (*visit.run.breakpoints, *visit.install.breakpoints, *_rules_of_version(visit, stop, context))
    if not rules:
        return

    def values() -> dict[str, Json]:
        output = visit.bodies.read(record.output) if record and record.output else None
        return {"input": visit.value, "output": output, "error": error_value(record.error if record else None)}

    rule = hit(context.runs, rules, stop, values)
    if rule is None:
        return
    if record is not None:
        context.runs.end(visit.key, record.model_copy(update={"stopped": True}))
    value = visit.bodies.keep(visit.value)
    pause = wanted_pause(visit, rule, value, record)
    open_pause(context.runs, visit.run, pause, disarm=rule.once)
    raise GateFailure(GateError.PAUSED, paused_message(pause.id, f"stopped {at} {state}"), where=state)


def _rules_of_version(visit: Visit, stop: Stop, context: GateContext) -> tuple[Breakpoint, ...]:
    """The version's breakpoints at this place that may stop this tenant's runs; most versions have none."""
    moment = now()
    rules = [rule for rule in visit.version.breakpoints if stop.is_named_by(rule, moment)]
    if not rules:
        return ()
    # Cedar is slow to import, and few runs come here: the gate's cold start does not wait for it.
    from interlock.control.access.support import rules_for_tenant

    try:
        return rules_for_tenant(context.registry, stop.tenant, visit.run.app, rules)
    except (Failure, *AWS_ERRORS):
        # A breakpoint never hurts a run: what can't be shown to be permitted does not stop it.
        return ()


def run_step(visit: Visit, context: GateContext) -> tuple[Visit, StepRecord]:
    """Stages 5 to 7 of an attempt that has to run, and the breakpoints behind the step.

    Raises:
        GateFailure: `Interlock.Unavailable`, `Interlock.Interrupted`, or `Interlock.Paused`.
    """
    if visit.request.step == APPROVE:
        # Few steps ask people: the gate's cold start does not wait for what asking needs.
        from interlock.control.gate.ask_people import ask_people

        return visit, ask_people(visit, context)
    _refuse_unknown_outcome(visit)
    with occupied_place(visit, context):
        visit, ended = _call_recorded(visit, context)
    stop_at_breakpoint(visit, "error" if ended.status is RecordStatus.FAILED else "after", context, ended)
    return visit, ended


def _call_recorded(visit: Visit, context: GateContext) -> tuple[Visit, StepRecord]:
    session = vend_session(visit, context)
    visit, started = begin(visit, context)
    begun = time.monotonic()
    try:
        try:
            reply, request_id = call_step(visit, session)
        except GateFailure as failure:
            reply, request_id = unanswered(failure, started), ""
        took_ms = (time.monotonic() - begun) * 1000
        context.on_step(took_ms)
        ended = ended_record(visit, started, reply, duration_ms=took_ms, request_id=request_id)
        context.runs.end(visit.key, ended)
    except (Failure, *AWS_ERRORS) as error:
        what = "the step was called, but its end could not be recorded"
        raise _named(GateError.INTERRUPTED, what, error, visit.request.state) from error
    return visit, ended


def begin(visit: Visit, context: GateContext) -> tuple[Visit, StepRecord]:
    """Stage 5: write the started record, unless another delivery of this attempt did.

    Raises:
        GateFailure: `Interlock.Interrupted`: another delivery runs the step.
    """
    started = started_record(visit)
    if visit.record is None and not context.runs.begin(visit.key, started):
        visit = disambiguate_by_nonce(visit, context)
        if visit.record is not None or not context.runs.begin(visit.key, started):
            raise GateFailure(
                GateError.INTERRUPTED, "another delivery of this attempt is running", where=visit.request.state
            )
    return visit, started


def answer(visit: Visit, record: StepRecord) -> Json:
    """Stage 7: the Task's result, spilled as far as the workflow does not read it; the step's error is raised.

    Raises:
        StepFailure: the step's error, by its name.
        GateFailure: `Interlock.TooLarge`.
    """
    if record.error is not None:
        raise StepFailure(record.error.message, name=record.error.name, where=place_of(record.error))
    output = visit.bodies.read(record.output) if record.output else None
    plan = visit.version.workflows[visit.run.workflow].spill
    budget = max(limits.SPILL_BUDGET_BYTES - payload.size(visit.request.input), MIN_SPILL_BUDGET)
    whole = visit.request.state in plan.results and not visit.request.studio
    output = payload.spill(output, budget, plan, visit.bodies.spill, whole=whole)
    left = payload.size(output)
    if left > limits.SPILL_BUDGET_BYTES:
        pointer, weight = payload.largest(output)
        part = f"its part {pointer} has {weight:,} bytes" if pointer else "no part of it stands out"
        raise GateFailure(
            GateError.TOO_LARGE,
            f"the output has {left:,} bytes that expressions of the workflow may read, "
            f"and may have {limits.SPILL_BUDGET_BYTES:,}; {part}",
            where=visit.request.state,
            next_step="Read less of it in the workflow, answer pages of it, or keep it with ctx.state.",
        )
    return {"Payload": output, "StatusCode": 200, "ExecutedVersion": "$LATEST"} if visit.request.studio else output


def _carry_out(visit: Visit, pause: Pause, decision: Decision, context: GateContext) -> tuple[Visit, StepRecord | None]:
    """What a person decided: an answer in the step's place, or the step with its own or another input."""
    if _is_over(visit.record):
        return visit, visit.record
    runs_again = decision.action == "retry" or decision.edited or pause.at == "before"
    if decision.action in ("output", "error") or not runs_again:
        decided = decided_record(visit, pause, decision)
        context.runs.end(visit.key, decided)
        return visit, decided
    visit = _with_work(visit, context)
    value = decision.input if decision.edited else visit.bodies.put_back(visit.bodies.read(pause.input))
    visit = _edited(visit, value, context)
    return visit, visit.record if _is_over(visit.record) else None


def _own_record(visit: Visit, context: GateContext) -> StepRecord | None:
    """A record of this run that answers the attempt.

    Its own; that of an earlier attempt which succeeded and whose answer did not arrive; or one of an execution that
    a restart ended.
    """
    record, previous = visit.record, visit.previous_record
    if _is_over(record):
        return record
    if record is None and previous is not None and previous.status is RecordStatus.SUCCEEDED:
        return previous
    _refuse_unknown_outcome(visit)
    if not visit.run.recovered:
        return None
    reusable = find_reusable(context.runs, visit.run, visit.request, visit.asked, idempotent=visit.plan.idempotent)
    return _reuse(visit, reusable, context) if reusable else None


def _is_over(record: StepRecord | None) -> bool:
    return record is not None and record.status is not RecordStatus.STARTED


def _refuse_unknown_outcome(visit: Visit) -> None:
    if visit.record is not None and not visit.plan.idempotent:
        raise GateFailure(
            GateError.INTERRUPTED,
            "this attempt began in another delivery, and its end is not known",
            where=visit.request.state,
        )


def _with_work(visit: Visit, context: GateContext) -> Visit:
    """The visit with what its fork reuses, and with the fork point's edited input."""
    if visit.run.fork is None:
        return visit
    position = Position(visit.request, visit.asked, visit.claimant)
    work = work_of_fork(context.runs, visit.bodies, visit.run, position, visit.entry)
    visit = replace(visit, work=work)
    return _edited(visit, visit.bodies.read(work.edit), context) if work.edit else visit


def _reuse(visit: Visit, record: StepRecord, context: GateContext) -> StepRecord:
    reused = reused_record(visit, record)
    context.runs.end(visit.key, reused)
    return reused


def _edited(visit: Visit, value: Json, context: GateContext) -> Visit:
    """The visit with another input: recorded under that input's digest."""
    digest = payload.digest(value)
    if digest == visit.digest:
        return visit
    key = record_key(visit.name.tenant, visit.name.run, visit.request, digest, visit.request.retry)
    row = context.runs.table.get(key)
    return replace(visit, value=value, digest=digest, key=key, record=row.read(StepRecord) if row else None)


def _named(kind: GateError, what: str, error: Exception, state: str) -> GateFailure:
    detail = error.what if isinstance(error, Failure) else str(error)
    return GateFailure(kind, f"{what}: {type(error).__name__}: {detail}", where=state)
