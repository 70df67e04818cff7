"""`interlock approval …`: questions that workflows ask people."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_kind, as_tenant

app = typer.Typer(no_args_is_help=True, help="Questions that workflows ask people.")
Platform = Annotated[bool, typer.Option("--platform", help="The platform's own, as its operator.")]
Comment = Annotated[str, typer.Option(help="Why; the workflow and everybody who reads the approval sees it.")]
COLUMNS = ("approval", "status", "subject", "question", "for", "until", "decided by")


@app.command("list")
def listed(
    status: Annotated[str, typer.Option(help="waiting, approved, rejected or expired.")] = "waiting",
    platform: Platform = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List approvals, newest first; those that wait by default."""
    client, base = _place(profile, tenant, platform=platform)
    found = list(client.pages(base, "approvals", status=status))
    if machine:
        render.as_json(found)
    else:
        render.table(COLUMNS, map(_row, found), f"No approval is {status}.")


@app.command("show")
def show(
    approval: str, platform: Platform = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """Show an approval: what is asked, who may decide and until when, and what was decided."""
    client, base = _place(profile, tenant, platform=platform)
    _print(client.get(f"{base}/{approval}"), machine=machine)


@app.command("approve")
def approve(
    approval: str,
    comment: Comment = "",
    platform: Platform = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Say yes: the workflow goes on."""
    client, base = _place(profile, tenant, platform=platform)
    _print(client.post(f"{base}/{approval}", {"approve": True, "comment": comment}), machine=machine)


@app.command("reject")
def reject(
    approval: str,
    comment: Comment = "",
    platform: Platform = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Say no: the workflow gets the error `Interlock.ApprovalRejected`."""
    client, base = _place(profile, tenant, platform=platform)
    _print(client.post(f"{base}/{approval}", {"approve": False, "comment": comment}), machine=machine)


def waiting_for(client: Client, base: str, run: dict[str, Any]) -> list[dict[str, Any]]:
    """What a run asks people at this moment."""
    if not run["open_pauses"]:
        return []
    pauses = client.get(f"{base}/runs/{run['id']}/pauses")["pauses"]
    open_ones = [row["approval"] for row in pauses if row["approval"] and row["status"] in ("wanted", "waiting")]
    return [client.get(f"{base}/approvals/{approval}") for approval in open_ones]


def print_questions(rows: list[dict[str, Any]]) -> None:
    """Print what a run asks people: who may decide, until when, and how."""
    for row in rows:
        who = escape(", ".join(row["approvers"]))
        render.out.print(f"[yellow]{escape(row['state'])} asks[/yellow] {escape(row['question'])}")
        render.out.print(f"  for {who}, until {row['deadline']}: interlock approval approve {row['id']}, or reject")


def _place(profile: str | None, tenant: str, *, platform: bool) -> tuple[Client, str]:
    if platform:
        return as_kind(profile, "operator"), "/v1/approvals"
    client, base = as_tenant(profile, tenant)
    return client, f"{base}/approvals"


def _print(found: dict[str, Any], *, machine: bool) -> None:
    if machine:
        render.as_json(found)
        return
    render.out.print(f"[bold]{escape(found['question'])}[/bold]  {render.styled(found['status'])}")
    render.out.print(f"  about {escape(found['subject'])}, asked {found['asked']} by state {escape(found['state'])}")
    render.out.print(f"  for {escape(', '.join(found['approvers']))}, until {found['deadline']}")
    if found["escalate_at"] and not found["escalated"]:
        render.out.print(f"  from {found['escalate_at']} on also for {escape(', '.join(found['escalate_to']))}")
    if found["data"] is not None:
        render.out.print(f"  {escape(render.short(found['data'], render.WIDE))}")
    if found["status"] == "waiting":
        render.out.print(f"Decide: interlock approval approve {found['id']}, or reject")
    else:
        said = f": {found['comment']}" if found["comment"] else ""
        render.out.print(f"  {found['status']} {found['decided']} by {escape((found['by'] or 'nobody') + said)}")


def _row(row: dict[str, Any]) -> list[object]:
    words = [row["id"], row["status"], row["subject"], render.short(row["question"]), ", ".join(row["approvers"])]
    return [*words, row["deadline"], row["by"]]
