"""`interlock approval …`: questions that workflows ask people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import ApprovalStatusName, As, AsJson, Tenant, as_kind, as_tenant
from interlock.cli.terminal.people import NameOf, names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interlock.cli.terminal.client import Client
    from interlock.contract.approval import Approval
    from interlock.contract.run import Pause

app = typer.Typer()
Platform = Annotated[bool, typer.Option("--platform", help="Approvals of the platform itself, for its operator.")]
Comment = Annotated[str, typer.Option(help="Why; the workflow and everybody who reads the approval sees it.")]
Status = Annotated[ApprovalStatusName, typer.Option(help="The status of the approvals.")]
COLUMNS = ("approval", "status", "subject", "question", "for", "until", "decided by")


@app.command("list")
def list_(
    status: Status = "waiting",
    platform: Platform = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List approvals, newest first; by default those that wait."""
    from interlock.contract.approval import ApprovalStatus

    wanted = ApprovalStatus(status)
    if platform:
        approvals, name_of = list(as_kind(profile, "operator").platform_approvals.iterate(status=wanted)), _same
    else:
        client, tenant = as_tenant(profile, tenant)
        approvals, name_of = list(client.approvals.iterate(tenant, status=wanted)), names_of(client, tenant)
    empty = f"No approval is {status}."
    rows = (_row(row, name_of) for row in approvals)
    render.answer(approvals, lambda: render.table(COLUMNS, rows, empty), machine=machine)


@app.command("show")
def show(
    approval: str, platform: Platform = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """Show an approval: the question, who may decide until when, and the decision."""
    if platform:
        shown, name_of = as_kind(profile, "operator").platform_approvals.get(approval), _same
    else:
        client, tenant = as_tenant(profile, tenant)
        shown, name_of = client.approvals.get(tenant, approval), names_of(client, tenant)
    render.answer(shown, lambda: _print(shown, name_of), machine=machine)


@app.command("approve")
def approve(
    approval: str,
    comment: Comment = "",
    platform: Platform = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Approve: the workflow goes on."""
    decided, name_of = _decide(approval, True, comment, profile, tenant, platform=platform)
    render.answer(decided, lambda: _print(decided, name_of), machine=machine)


@app.command("reject")
def reject(
    approval: str,
    comment: Comment = "",
    platform: Platform = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Reject: the workflow gets the error `Interlock.ApprovalRejected`."""
    decided, name_of = _decide(approval, False, comment, profile, tenant, platform=platform)
    render.answer(decided, lambda: _print(decided, name_of), machine=machine)


def waiting_for(client: Client, tenant: str, pauses: Sequence[Pause]) -> list[Approval]:
    """The approvals that a run with these pauses waits for at this moment."""
    open_ones = [row.approval for row in pauses if row.approval and row.status.value in ("wanted", "waiting")]
    return [client.approvals.get(tenant, approval) for approval in open_ones]


def print_questions(approvals: Sequence[Approval]) -> None:
    """Print what a run asks people: who may decide, until when, and how."""
    for row in approvals:
        render.line(f"{row.state} asks: {row.question}", "yellow")
        decide = f"interlock approval approve {row.id}, or reject"
        render.line(f"  for {', '.join(row.approvers)}, until {row.deadline}: {decide}")


def _decide(
    approval: str, approve: bool, comment: str, profile: str | None, tenant: str, *, platform: bool
) -> tuple[Approval, NameOf]:
    from interlock.contract.approval import Verdict

    verdict = Verdict(approve=approve, comment=comment)
    if platform:
        return as_kind(profile, "operator").platform_approvals.decide(approval, verdict), _same
    client, tenant = as_tenant(profile, tenant)
    return client.approvals.decide(tenant, approval, verdict), names_of(client, tenant)


def _same(principal: str) -> str:
    """Operators have no list of members that others may read."""
    return principal


def _print(approval: Approval, name_of: NameOf) -> None:
    status = approval.status.value
    render.line(f"{approval.question}  {status}")
    render.line(f"  about {approval.subject}, asked {approval.asked} by state {approval.state}")
    render.line(f"  for {', '.join(approval.approvers)}, until {approval.deadline}")
    if approval.escalate_at and not approval.escalated:
        render.line(f"  from {approval.escalate_at} on also for {', '.join(approval.escalate_to)}")
    if approval.data is not None:
        render.line(f"  {render.short(approval.data, render.WIDE)}")
    if status == "waiting":
        render.line(f"Decide: interlock approval approve {approval.id}, or reject")
    else:
        why = f": {approval.comment}" if approval.comment else ""
        render.line(f"  {status} {approval.decided} by {name_of(approval.by) or 'nobody'}{why}")


def _row(row: Approval, name_of: NameOf) -> list[object]:
    cells = [row.id, row.status.value, row.subject, render.short(row.question), ", ".join(row.approvers)]
    return [*cells, row.deadline, name_of(row.by)]
