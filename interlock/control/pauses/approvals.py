"""Approvals: a workflow asks, an approver decides once, and scheduled maintenance escalates and expires (ADR 0014).

The waiting execution is notified last. A timer holds the approval until then, so that maintenance notifies again
after a crash. Step Functions accepts each task token once, so a second notification changes nothing.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interlock.aws.services import step_functions
from interlock.aws.services.event_bus import put_event
from interlock.aws.tables.approvals import Approvals, ApprovalTimer
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Stored, retry_conflicts
from interlock.contract.approval import (
    PLATFORM_SCOPE,
    Approval,
    ApprovalError,
    ApprovalPage,
    ApprovalStatus,
    Ask,
    AskRequest,
    Verdict,
    keyed_id,
)
from interlock.contract.core import names
from interlock.contract.core.base import Json, Moment, moment, now, parse_moment
from interlock.contract.core.failure import Conflict, Forbidden, NotFound, Unavailable
from interlock.contract.event import APPROVALS_SOURCE, ApprovalDetail, ApprovalEvent
from interlock.contract.member import Caller
from interlock.contract.run import Decision, PauseStatus, Run
from interlock.control.clocks import InTime, Round, always, look_at_each
from interlock.control.pauses.pauses import decide as decide_pause
from interlock.control.pauses.pauses import find_pause, tell_again

log = logging.getLogger("interlock")
PAGE = 50
TELL_AGAIN = timedelta(minutes=1)
ANNOUNCE_AFTER = timedelta(seconds=10)
"""The clock must not look before the approval is written: it would find nothing, and forget it."""


@dataclass(frozen=True)
class ApprovalContext:
    """What approvals work with."""

    approvals: Approvals
    runs: Runs


def ask(context: ApprovalContext, request: AskRequest) -> Approval:
    """Ask once for each key, or for each entry of a state. Another delivery of the task waits for the same decision.

    Args:
        context: what approvals work with.
        request: what the callback state sent.
    """
    asker = Asker(request.scope, request.subject, request.execution, request.state, request.entered)
    approval = new_approval(request, asker)
    if request.key:
        approval = approval.model_copy(update={"id": keyed_id(request.subject, request.key, request.scope)})

    def attempt() -> Approval:
        try:
            stored = context.approvals.find(approval.scope, approval.id)
        except NotFound:
            stored = Stored(item=approval, rev=0)
            set_timer(context, approval)
            announce(context, approval)
        if stored.item.status is ApprovalStatus.WAITING:
            # The execution that asked first may be gone: this one waits too.
            asker = stored.item.model_copy(update={"execution": request.execution})
            stored = Stored(item=asker, rev=stored.rev)
        context.approvals.write(stored, (request.token,))
        return stored.item

    written = retry_conflicts(attempt, "the approval", approval.id)
    if written.status is not ApprovalStatus.WAITING:
        _tell(context, written)
    return written


@dataclass(frozen=True)
class Asker:
    """Who asks: an entry of a state of an execution, for a scope."""

    scope: str
    subject: str
    """What the question is about: an app and version, or a run."""
    execution: str
    state: str
    entered: str
    key: str = ""
    """Tells apart the visits of one entry, as the items of a Map are."""


def new_approval(question: Ask, asker: Asker) -> Approval:
    """A new approval, by the same id for the same entry of a state of an execution."""
    now = datetime.now(UTC)
    return Approval(
        id=names.run_id("approval", asker.execution, asker.state, asker.entered, asker.key),
        scope=asker.scope,
        subject=asker.subject,
        question=question.question,
        approvers=question.approvers,
        asked=moment(now),
        deadline=moment(now + question.wait),
        escalate_at=moment(now + question.patience) if question.patience else None,
        escalate_to=question.escalate_to,
        execution=asker.execution,
        state=asker.state,
        data=question.data,
    )


def list_approvals(
    context: ApprovalContext, scope: str, status: ApprovalStatus = ApprovalStatus.WAITING, cursor: str | None = None
) -> ApprovalPage:
    """A page of a scope's approvals of a status, newest first."""
    page = context.approvals.page(scope, status, limit=PAGE, cursor=cursor)
    return ApprovalPage(approvals=tuple(row.read(Approval) for row in page.rows), cursor=page.cursor)


def show_approval(context: ApprovalContext, scope: str, approval: str) -> Approval:
    """One approval; NotFound where the scope has none of this id."""
    return context.approvals.find(scope, approval).item


def decide(context: ApprovalContext, scope: str, approval: str, verdict: Verdict, caller: Caller) -> Approval:
    """Write the decision of a person, once, and notify the waiting execution.

    Raises:
        NotFound: no such approval.
        Forbidden: the caller is none of its approvers.
        Conflict: it is decided already, its deadline has passed, or its run does not wait for it.
        Unavailable: its run asked a moment ago, and does not wait yet.
    """
    stored = context.approvals.find(scope, approval)
    current, at = stored.item, now()
    _require_approver(current, caller)
    if current.status is not ApprovalStatus.WAITING:
        raise _decided(current, current.status.value)
    if parse_moment(current.deadline) <= datetime.now(UTC):
        raise _decided(current, ApprovalStatus.EXPIRED.value)
    if current.pause:
        _require_waiting_run(context, current)
    status = ApprovalStatus.APPROVED if verdict.approve else ApprovalStatus.REJECTED
    fields = {"status": status, "by": caller.principal, "comment": verdict.comment, "decided": at}
    return _close(context, stored, current.model_copy(update=fields))


def maintain_approvals(context: ApprovalContext, at: Moment, in_time: InTime = always) -> Round[ApprovalTimer]:
    """Escalate and expire the approvals that are due, and repeat missed notifications."""

    def look(due: ApprovalTimer) -> None:
        _look_at(context, due, at)
        context.approvals.agenda.take(due)

    return look_at_each(context.approvals.agenda.due(at), look, lambda due: due.id, in_time)


def withdraw_approvals(context: ApprovalContext, run: Run) -> None:
    """Close the open approvals of a run that is over."""
    for pause in context.runs.pauses(run.tenant, run.id):
        if not pause.approval or pause.status is PauseStatus.TAKEN:
            continue
        stored = context.approvals.find(f"tenant/{run.tenant}", pause.approval)
        if stored.item.status is ApprovalStatus.WAITING:
            at = now()
            fields = {"status": ApprovalStatus.EXPIRED, "decided": at, "comment": "its run is over", "heard": True}
            try:
                context.approvals.write(Stored(item=stored.item.model_copy(update=fields), rev=stored.rev))
            except Conflict:
                log.info("decided at the same time", extra={"approval": pause.approval})


def set_timer(context: ApprovalContext, approval: Approval) -> None:
    """Set the next timer of an approval: its escalation, or its deadline."""
    escalates = approval.escalate_at if approval.escalate_at and not approval.escalated else None
    at = min(escalates, approval.deadline) if escalates else approval.deadline
    context.approvals.agenda.put(ApprovalTimer(scope=approval.scope, id=approval.id, at=at))


def announce(context: ApprovalContext, approval: Approval) -> None:
    """Set a timer for an approval that is about to be written, so that maintenance notifies its tenant."""
    if approval.scope != PLATFORM_SCOPE:
        at = moment(parse_moment(approval.asked) + ANNOUNCE_AFTER)
        context.approvals.agenda.put(ApprovalTimer(scope=approval.scope, id=approval.id, at=at))


def error_of(approval: Approval) -> tuple[str, str]:
    """The name and the cause of the error of an approval that was not approved."""
    if approval.status is ApprovalStatus.EXPIRED:
        return ApprovalError.EXPIRED.value, f"nobody decided until {approval.deadline}"
    return ApprovalError.REJECTED.value, approval.comment or f"rejected by {approval.by}"


def answer_of(approval: Approval) -> Json:
    """What the waiting state answers when it was approved."""
    return {"approved": True, "by": approval.by, "comment": approval.comment, "at": approval.decided}


def _look_at(context: ApprovalContext, due: ApprovalTimer, at: Moment) -> None:
    try:
        stored = context.approvals.find(due.scope, due.id)
    except NotFound:
        return
    approval = stored.item
    if approval.status is not ApprovalStatus.WAITING:
        _tell(context, approval)
        return
    if approval.deadline <= at:
        fields = {"status": ApprovalStatus.EXPIRED, "decided": now()}
        _close(context, stored, approval.model_copy(update=fields))
        return
    if approval.escalate_at and approval.escalate_at <= at and not approval.escalated:
        approval = approval.model_copy(
            update={
                "escalated": True,
                "approvers": tuple(dict.fromkeys((*approval.approvers, *approval.escalate_to))),
            }
        )
        set_timer(context, approval)
        context.approvals.write(Stored(item=approval, rev=stored.rev))
    _tell_tenant(context, approval)


def _tell_tenant(context: ApprovalContext, approval: Approval) -> None:
    """Send the event that people are asked. A second one has the same change id."""
    if approval.scope == PLATFORM_SCOPE:
        return
    tenant, kind = _tenant(approval), ApprovalEvent.ESCALATED if approval.escalated else ApprovalEvent.ASKED
    try:
        cause = context.runs.find(tenant, approval.run).item.cause() if approval.run else None
    except NotFound:
        # The run was deleted: nobody waits for a decision.
        return
    detail = ApprovalDetail(
        id=f"{approval.id}:{kind.value}",
        type=kind,
        tenant=tenant,
        at=approval.escalate_at if approval.escalate_at and approval.escalated else approval.asked,
        approval=approval.id,
        subject=approval.subject,
        question=approval.question,
        approvers=approval.approvers,
        deadline=approval.deadline,
        run=approval.run,
        cause=cause,
    )
    put_event(tenant, APPROVALS_SOURCE, kind.value, detail.model_dump_json())


def _close(context: ApprovalContext, stored: Stored[Approval], decided: Approval) -> Approval:
    again = now(TELL_AGAIN)
    due = ApprovalTimer(scope=decided.scope, id=decided.id, at=again)
    context.approvals.agenda.put(due)
    context.approvals.write(Stored(item=decided, rev=stored.rev))
    approval = _tell(context, decided)
    context.approvals.agenda.take(due)
    return approval


def _tell(context: ApprovalContext, approval: Approval) -> Approval:
    """Notify the waiting execution, and record that."""
    if approval.pause:
        _tell_run(context, approval)
    for token in context.approvals.tokens(approval):
        try:
            if approval.status is ApprovalStatus.APPROVED:
                step_functions.succeed(token, answer_of(approval))
            else:
                step_functions.fail(token, *error_of(approval))
        except Conflict:
            log.info("nobody waits for this answer any more", extra={"approval": approval.id})
    if approval.heard:
        return approval
    stored = context.approvals.find(approval.scope, approval.id)
    heard = stored.item.model_copy(update={"heard": True})
    try:
        context.approvals.write(Stored(item=heard, rev=stored.rev))
    except Conflict:
        log.info("told at the same time by somebody else", extra={"approval": approval.id})
    return heard


def _tell_run(context: ApprovalContext, approval: Approval) -> None:
    tenant = _tenant(approval)
    try:
        pause = find_pause(context.runs, tenant, approval.run, approval.pause)
    except NotFound:
        # The run was deleted, or its gate died before it wrote the pause.
        return
    if approval.status is ApprovalStatus.APPROVED:
        decision = Decision(action="output", output=answer_of(approval), by=approval.by)
    else:
        error, cause = error_of(approval)
        decision = Decision(action="error", error=error, cause=cause, by=approval.by or "the deadline")
    try:
        if pause.status is PauseStatus.WAITING:
            decide_pause(context.runs, tenant, approval.run, approval.pause, decision)
        tell_again(context.runs, pause)
    except Conflict:
        log.info("the run waits no more", extra={"approval": approval.id})


def _require_waiting_run(context: ApprovalContext, approval: Approval) -> None:
    """Refuse a decision that the run would not hear: people are asked a moment before it waits."""
    status = _pause_status(context, approval)
    if status is PauseStatus.WANTED:
        what = "the run does not wait for this approval yet"
        raise Unavailable(what, where=approval.id, next_step="Try again in a few seconds.")
    if status is not PauseStatus.WAITING:
        raise Conflict(
            "the run does not wait for this approval",
            where=approval.id,
            code="approval-not-waiting",
            next_step=_show(approval),
        )


def _pause_status(context: ApprovalContext, approval: Approval) -> PauseStatus | None:
    """How far the pause of an approval is: wanted where it is not written yet; None where its run is over or gone."""
    tenant = _tenant(approval)
    try:
        if context.runs.find(tenant, approval.run).item.status.over:
            return None
    except NotFound:
        return None
    try:
        return find_pause(context.runs, tenant, approval.run, approval.pause).status
    except NotFound:
        return PauseStatus.WANTED


def _require_approver(approval: Approval, caller: Caller) -> None:
    roles = {member.role.value for member in caller.memberships if member.scope == approval.scope}
    if caller.principal not in approval.approvers and not roles & set(approval.approvers):
        raise Forbidden(
            f"only {', '.join(approval.approvers)} may decide this approval",
            where=approval.id,
            code="approval-not-yours",
            next_step=_show(approval),
        )


def _decided(approval: Approval, word: str) -> Conflict:
    return Conflict(f"the approval is {word}", where=approval.id, code="approval-decided", next_step=_show(approval))


def _show(approval: Approval) -> str:
    platform = " --platform" if approval.scope == "platform" else ""
    return f"interlock approval show {approval.id}{platform}"


def _tenant(approval: Approval) -> str:
    return approval.scope.partition("/")[2]
