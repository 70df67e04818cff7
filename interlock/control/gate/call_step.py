"""Calling a step: with a session and a ticket of its install, and the context that it sees."""

import time

from interlock.aws.services.functions import invoke_step
from interlock.compiler.policy import read_only
from interlock.contract.core import limits, names
from interlock.contract.envelope import Session, StepAnswer, StepContext, StepError, StepRequest
from interlock.contract.ticket import Ticket, sign, ticket_scopes
from interlock.control.gate.visit import GateContext, Visit


def call_step(visit: Visit, session: Session) -> tuple[StepAnswer, str]:
    """Invoke the step's function for the visit's tenant.

    Returns:
        What it answered, and Lambda's request id.

    Raises:
        GateFailure: the function gave no answer.
    """
    run = visit.run
    request = StepRequest(
        handler=visit.plan.handler,
        input=visit.value,
        context=_context(visit),
        session=session,
        dry=run.dry,
        journal=visit.work.journal,
        redact=run.redact,
        run=run.id,
        http=visit.http,
        model=visit.install.stand_ins.model if visit.install.stand_ins else None,
    )
    seconds = visit.plan.timeout_s
    patience = min(limits.THROTTLED_SECONDS, seconds / 2)
    return invoke_step(visit.plan.function, visit.name.tenant, request, seconds=seconds, patience=patience)


def vend_session(visit: Visit, context: GateContext) -> Session:
    """Credentials for what the install was granted (for a dry run, to read), and the run's ticket."""
    install, run = visit.install, visit.run
    tenant = visit.name.tenant
    allowed = install.allowed(visit.version)
    granted = read_only(allowed) if run.dry else allowed
    vended = context.sessions.vend(
        tenant, install.id, granted, seconds=visit.plan.timeout_s, dry=run.dry, full=install.full
    )
    return Session(
        access_key_id=vended.access_key_id,
        secret_access_key=vended.secret_access_key,
        session_token=vended.session_token,
        ticket=sign(_ticket(visit, granted), context.ticket_secret()),
        region=context.region,
        api_url=context.api_url,
        api_host=context.api_host,
        endpoint_url=context.endpoint_url,
        bucket=context.bucket,
        state_prefix=names.state_prefix(tenant, install.id),
        secrets_prefix=names.secrets_prefix(tenant, install.id),
    )


def place_of(error: StepError) -> str:
    """Where an error was raised: `file:line in function`, empty where no frame is known."""
    frame = error.own_frame
    return f"{frame.file}:{frame.line} in {frame.function}" if frame else ""


def _ticket(visit: Visit, granted: tuple[str, ...]) -> Ticket:
    run = visit.run
    return Ticket(
        tenant=visit.name.tenant,
        install=visit.install.id,
        install_name=visit.install.name,
        app=run.app,
        version=run.version,
        run=run.id,
        visit=visit.key.sk,
        step=visit.request.step,
        attempt=visit.request.retry,
        granted=ticket_scopes(granted),
        hops=run.trigger.hops,
        ancestry=run.trigger.ancestry,
        expires=int(time.time()) + limits.SESSION_SECONDS,
    )


def _context(visit: Visit) -> StepContext:
    """A dry run gives the parent's names to the step, so that equal requests are equal; it performs none of them."""
    run, request = visit.run, visit.request
    granted = visit.install.allowed(visit.version)
    parent = run.fork.parent if run.fork and run.fork.dry else run.id
    return StepContext(
        run=parent,
        tenant=run.tenant,
        install=run.install,
        app=run.app,
        install_name=run.install_name,
        version=run.version,
        workflow=run.workflow,
        state=request.state,
        step=request.step,
        attempt=request.retry,
        visit=f"{parent}:{(run.dry and visit.work.replaces) or visit.key.sk.rsplit('#', 1)[0]}",
        trigger=run.trigger,
        config=run.config,
        egress=tuple(scope.removeprefix("egress:") for scope in granted if scope.startswith("egress:")),
        secrets=tuple(scope.removeprefix("secret:") for scope in granted if scope.startswith("secret:")),
        trace=run.trace,
    )
