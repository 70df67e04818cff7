"""The gate: what happens between a workflow's Task and its step (ADR 0004).

Stages of one attempt, in order:
  1. read      one BatchGetItem: run, install, version, this attempt's record and the one before
  2. refuse    kill switches, deadline, a full history, an attempt before that nobody knows the end of
  3. replay    a decision of a pause, an earlier attempt that succeeded unheard, or a record that a recovered run reuses
  4. stop      a breakpoint: writes the pause and raises `Interlock.Paused`
  5. begin     the started record, only if there is none (a second delivery of the attempt gets the first one's answer)
  6. run       session, ticket, Invoke with TenantId
  7. end       the finished record, then the answer, or the step's error by its name
An AWS call that fails is `Interlock.Unavailable` before the step was called, `Interlock.Interrupted` after.
Downside: the gate's own time and memory are paid while the step runs (ADR 0008).
"""

import time
from dataclasses import replace

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.services.functions import invoke_step
from interlock.aws.services.traces import segment
from interlock.aws.tables.runs import record_key
from interlock.compiler.policy import read_only
from interlock.contract import payload
from interlock.contract.breakpoint import At
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import Failure, GateError, GateFailure, StepFailure
from interlock.contract.envelope import GateRequest, Session, StepAnswer, StepContext, StepError, StepRequest, Timing
from interlock.contract.platform_step import APPROVE
from interlock.contract.run import Decision, Pause, RecordStatus, StepRecord
from interlock.contract.ticket import Ticket, sign
from interlock.control.gate.ask_people import ask_people
from interlock.control.gate.preconditions import refuse
from interlock.control.gate.reuse import find_reusable, work_of_fork
from interlock.control.gate.visit import Gate, Visit, apart, read_visit, started_record
from interlock.control.pauses.breakpoints import error_value, hit
from interlock.control.pauses.pauses import is_wanted_again, open_pause, take_decision
from interlock.debugger.replay import visit_name

MIN_SPILL_BUDGET = 16 * limits.KIB


def pass_gate(request: GateRequest, gate: Gate) -> Json:
    """Serve one attempt of a step.

    Returns:
        The step's output: what the compiled Task's result is.

    Raises:
        StepFailure: named as the error that the workflow's Retry and Catch match.
    """
    try:
        return _pass(request, gate)
    except StepFailure:
        raise
    except (Failure, *AWS_ERRORS) as error:
        raise _named(GateError.UNAVAILABLE, "an AWS call of the gate failed", error, request.state) from error


def _named(kind: GateError, what: str, error: Exception, state: str) -> GateFailure:
    detail = error.what if isinstance(error, Failure) else str(error)
    return GateFailure(kind, f"{what}: {type(error).__name__}: {detail}", where=state)


def _pass(request: GateRequest, gate: Gate) -> Json:
    visit = read_visit(request, gate)
    refuse(visit, gate)
    paused_before = visit.run.open_pauses or visit.run.paused_ms
    taken = take_decision(gate.runs, visit.run, request, visit.asked) if paused_before else None
    if taken is not None and taken.claimant:
        visit = replace(visit, claimant=taken.claimant)
    if taken is not None and taken.decision is not None:
        return _carry_out(visit, taken, taken.decision, gate)
    if visit.run.recovered and visit.run.open_pauses and _is_wanted_again(visit, gate):
        raise GateFailure(GateError.PAUSED, f"stopped again at {request.state}", where=request.state)
    served = _served(visit, gate)
    if served is not None:
        return _answer(visit, served, gate)
    visit = _with_work(visit, gate)
    if visit.work.record is not None:
        return _answer(visit, _reuse(visit, visit.work.record, gate), gate)
    _stop_at(visit, "before", gate)
    return _run_on(visit, gate)


def _run_on(visit: Visit, gate: Gate) -> Json:
    if visit.request.step == APPROVE:
        return _answer(visit, ask_people(visit, gate), gate)
    _refuse_twice(visit)
    visit, record = _attempt(visit, gate)
    _stop_at(visit, "error" if record.status is RecordStatus.FAILED else "after", gate, record)
    return _answer(visit, record, gate)


def _carry_out(visit: Visit, pause: Pause, decision: Decision, gate: Gate) -> Json:
    """What a person decided: an answer in the step's place, or the step with its own or another input."""
    if visit.this is not None and visit.this.status is not RecordStatus.STARTED:
        return _answer(visit, visit.this, gate)
    runs_again = decision.action == "retry" or decision.edited or pause.at == "before"
    if decision.action in ("output", "error") or not runs_again:
        return _answer(visit, _decided(visit, pause, decision, gate), gate)
    visit = _with_work(visit, gate)
    value = decision.input if decision.edited else visit.bodies.put_back(visit.bodies.read(pause.input))
    visit = _edited(visit, value, gate)
    if visit.this is not None and visit.this.status is not RecordStatus.STARTED:
        return _answer(visit, visit.this, gate)
    return _run_on(visit, gate)


def _served(visit: Visit, gate: Gate) -> StepRecord | None:
    """A record of this run that answers the attempt without running it.

    Its own; that of an earlier attempt which succeeded and whose answer did not arrive; or one of an execution that
    a restart ended.
    """
    this, before = visit.this, visit.before
    if this is not None and this.status is not RecordStatus.STARTED:
        return this
    if this is None and before is not None and before.status is RecordStatus.SUCCEEDED:
        return before
    _refuse_twice(visit)
    if not visit.run.recovered:
        return None
    found = find_reusable(gate.runs, visit.run, visit.request, visit.asked, idempotent=visit.plan.idempotent)
    return _reuse(visit, found, gate) if found else None


def _refuse_twice(visit: Visit) -> None:
    if visit.this is not None and not visit.plan.idempotent:
        raise GateFailure(
            GateError.INTERRUPTED,
            "this attempt began in another delivery and nobody knows how it ended",
            where=visit.request.state,
        )


def _with_work(visit: Visit, gate: Gate) -> Visit:
    """The visit with what its fork reuses, and with the fork point's edited input."""
    if visit.run.fork is None:
        return visit
    work = work_of_fork(gate.runs, visit.bodies, visit.run, visit.request, visit.asked, visit.claimant, visit.entry)
    found = replace(visit, work=work)
    return _edited(found, visit.bodies.read(work.edit), gate) if work.edit else found


def _reuse(visit: Visit, found: StepRecord, gate: Gate) -> StepRecord:
    """The record's copy in this run: nothing is run."""
    reused = found.model_copy(
        update={
            "run": visit.run.id,
            "execution": str(visit.name),
            "entered": visit.request.entered,
            "attempt": visit.request.retry,
            "nonce": visit.request.nonce,
            "reused": found.reused or visit_name(found),
        }
    )
    gate.runs.end(visit.key, reused)
    return reused


def _is_wanted_again(visit: Visit, gate: Gate) -> bool:
    return is_wanted_again(gate.runs, visit.run, visit.request, visit.asked)


def _stop_at(visit: Visit, at: At, gate: Gate, record: StepRecord | None = None) -> None:
    rules = (*visit.run.breakpoints, *visit.install.breakpoints, *visit.version.breakpoints)
    if not rules:
        return

    def values() -> dict[str, Json]:
        output = visit.bodies.read(record.output) if record and record.output else None
        return {"input": visit.value, "output": output, "error": error_value(record.error if record else None)}

    state = visit.request.state
    found = hit(gate.runs, rules, at, state, visit.request.index, values)
    if found is None:
        return
    if record is not None:
        gate.runs.end(visit.key, record.model_copy(update={"stopped": True}))
    value = visit.bodies.keep(visit.value)
    open_pause(gate.runs, visit.run, visit.request, visit.asked, found, value, record, visit.claimant)
    raise GateFailure(GateError.PAUSED, f"stopped {at} {state}", where=state)


def _edited(visit: Visit, value: Json, gate: Gate) -> Visit:
    """The visit with another input: recorded under that input's digest."""
    found_digest = payload.digest(value)
    if found_digest == visit.digest:
        return visit
    key = record_key(visit.name.tenant, visit.name.run, visit.request, found_digest, visit.request.retry)
    row = gate.runs.table.get(key)
    return replace(visit, value=value, digest=found_digest, key=key, this=row.read(StepRecord) if row else None)


def _decided(visit: Visit, pause: Pause, decision: Decision, gate: Gate) -> StepRecord:
    """A record of what a person decided in the step's place; `go` after the step ran is what it had answered."""
    record = started_record(visit)
    error, output = pause.error, pause.output
    if decision.action == "error":
        error = StepError(name=decision.error, type=decision.error, message=decision.cause)
    elif decision.action == "output":
        error, output = None, visit.bodies.keep(decision.output)
    ended = record.model_copy(
        update={
            "status": RecordStatus.FAILED if error else RecordStatus.SUCCEEDED,
            "ended": now(),
            "output": None if error else output,
            "error": error,
            "reused": f"decided by {decision.by}",
        }
    )
    gate.runs.end(visit.key, ended)
    return ended


def _attempt(visit: Visit, gate: Gate) -> tuple[Visit, StepRecord]:
    record = started_record(visit)
    session = _session(visit, gate)
    if visit.this is None and not gate.runs.begin(visit.key, record):
        visit = apart(visit, gate)
        if visit.this is not None or not gate.runs.begin(visit.key, record):
            raise GateFailure(GateError.INTERRUPTED, "another delivery of this attempt runs", where=visit.request.state)
    try:
        return visit, _run(visit, record, session, gate)
    except (Failure, *AWS_ERRORS) as error:
        what = "the step was called, and its end could not be recorded"
        raise _named(GateError.INTERRUPTED, what, error, visit.request.state) from error


def _run(visit: Visit, record: StepRecord, session: Session, gate: Gate) -> StepRecord:
    begun = time.monotonic()
    request_id = ""
    try:
        answer, request_id = _invoke(visit, session)
    except GateFailure as failure:
        answer = _no_answer(failure, record.started)
    ended = record.model_copy(
        update={
            "status": RecordStatus.FAILED if answer.error else RecordStatus.SUCCEEDED,
            "ended": now(),
            "duration_ms": round((time.monotonic() - begun) * 1000, 3),
            "step_ms": answer.timing.duration_ms,
            "cold": answer.timing.cold,
            "output": None if answer.error else visit.bodies.keep(answer.output),
            "error": answer.error,
            "sensitive": answer.sensitive,
            "log_group": f"/aws/lambda/{visit.plan.function}",
            "log_request": request_id,
        }
        | _effects(visit, answer)
    )
    gate.runs.end(visit.key, ended)
    return ended


def _effects(visit: Visit, answer: StepAnswer) -> dict[str, object]:
    body = visit.bodies.keep([effect.model_dump(mode="json") for effect in answer.effects])
    return {"effects_key": body.key} if body.key else {"effects": answer.effects}


def _no_answer(failure: GateFailure, started: str) -> StepAnswer:
    error = StepError(name=failure.name, type=failure.name, message=failure.what)
    return StepAnswer(error=error, timing=Timing(started=started, duration_ms=0.0))


def _session(visit: Visit, gate: Gate) -> Session:
    install, run = visit.install, visit.run
    tenant, dry = visit.name.tenant, run.dry
    allowed = install.allowed(visit.version)
    granted = read_only(allowed) if dry else allowed
    vended = gate.sessions.vend(tenant, install.id, granted, seconds=visit.plan.timeout_s, dry=dry, full=install.full)
    ticket = Ticket(
        tenant=tenant,
        install=install.id,
        app=run.app,
        version=run.version,
        run=run.id,
        visit=visit.key.sk,
        attempt=visit.request.retry,
        granted=granted,
        hops=run.trigger.hops,
        ancestry=run.trigger.ancestry,
        expires=int(time.time()) + visit.plan.timeout_s + limits.LAMBDA_TIMEOUT_SECONDS,
    )
    return Session(
        access_key_id=vended.access_key_id,
        secret_access_key=vended.secret_access_key,
        session_token=vended.session_token,
        ticket=sign(ticket, gate.ticket_secret),
        region=gate.region,
        api_url=gate.api_url,
        api_host=gate.api_host,
        endpoint_url=gate.endpoint_url,
        bucket=gate.bucket,
        state_prefix=names.state_prefix(tenant, install.id),
        secrets_prefix=names.secrets_prefix(tenant, install.id),
    )


def _invoke(visit: Visit, session: Session) -> tuple[StepAnswer, str]:
    run = visit.run
    words = {"run": run.id, "tenant": run.tenant, "app": run.app, "state": visit.request.state}
    with segment(run.trace, "gate", words) as opened:
        context = _context(visit).model_copy(update={"trace": opened.header})
        request = StepRequest(
            handler=visit.plan.handler,
            input=visit.value,
            context=context,
            session=session,
            dry=run.dry,
            journal=visit.work.journal,
            redact=run.redact,
        )
        answer, request_id = invoke_step(visit.plan.function, visit.name.tenant, request)
        opened.error = answer.error.name if answer.error else ""
        opened.frame = _where(answer.error) if answer.error else ""
    return answer, request_id


def _context(visit: Visit) -> StepContext:
    """A dry run says the parent's names to the step, so that equal requests are equal; it performs none of them."""
    run, request = visit.run, visit.request
    granted = visit.install.allowed(visit.version)
    parent = run.fork.parent if run.fork and run.fork.dry else run.id
    return StepContext(
        run=parent,
        tenant=run.tenant,
        install=run.install,
        app=run.app,
        version=run.version,
        workflow=run.workflow,
        state=request.state,
        step=request.step,
        attempt=request.retry,
        visit=f"{parent}:{(run.dry and visit.work.replaces) or visit.key.sk.rsplit('#', 1)[0]}",
        trigger=run.trigger,
        config=run.config,
        egress=tuple(word.removeprefix("egress:") for word in granted if word.startswith("egress:")),
        secrets=tuple(word.removeprefix("secret:") for word in granted if word.startswith("secret:")),
        trace=run.trace,
    )


def _answer(visit: Visit, record: StepRecord, gate: Gate) -> Json:
    if record.error is not None:
        raise StepFailure(record.error.message, name=record.error.name, where=_where(record.error))
    output = visit.bodies.read(record.output) if record.output else None
    plan = visit.version.workflows[visit.run.workflow].spill
    budget = max(limits.SPILL_BUDGET_BYTES - payload.size(visit.request.input), MIN_SPILL_BUDGET)
    output = payload.spill(output, budget, plan, visit.bodies.spill)
    left = payload.size(output)
    if left > limits.SPILL_BUDGET_BYTES:
        raise GateFailure(
            GateError.TOO_LARGE,
            f"{left} bytes that expressions of the workflow read, at most {limits.SPILL_BUDGET_BYTES}",
            where=visit.request.state,
            next_step="Read less of it in the workflow, or keep it with ctx.state.",
        )
    return {"Payload": output, "StatusCode": 200, "ExecutedVersion": "$LATEST"} if visit.request.studio else output


def _where(error: StepError) -> str:
    frame = error.frames[-1] if error.frames else None
    return f"{frame.file}:{frame.line} in {frame.function}" if frame else ""
