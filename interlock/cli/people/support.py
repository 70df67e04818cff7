"""`interlock support …`: a tenant lets the publisher of an app see its runs of it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.durations import seconds_of
from interlock.cli.terminal.options import As, AsJson, Tenant, app_parts, as_kind, as_tenant
from interlock.cli.terminal.people import NameOf, names_of
from interlock.contract.core.limits import SUPPORT_MINUTES

if TYPE_CHECKING:
    from interlock.contract.support import SupportSession

app = typer.Typer()
AppId = Annotated[str, typer.Argument(help="The app, publisher/name.", metavar="APP")]
COLUMNS = ("app", "tenant", "until", "opened by", "reason")
MINUTE_SECONDS = 60


@app.command("open")
def open_(
    app_id: AppId,
    lasts: Annotated[str, typer.Option("--for", help="How long, such as 30m or 2h; at most 24h.")] = (
        f"{SUPPORT_MINUTES}m"
    ),
    reason: Annotated[str, typer.Option(help="Why, such as a ticket; the publisher sees it.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Let the publisher of an app see your runs of it, with inputs, outputs and logs, and stop them."""
    from interlock.contract.support import SupportRequest

    client, tenant = as_tenant(profile, tenant)
    minutes = max(seconds_of(lasts, "--for") // MINUTE_SECONDS, 1)
    request = SupportRequest.model_construct(app=app_id, minutes=minutes, reason=reason)
    session = client.support_sessions.open(tenant, request)
    text = f"The publisher of {app_id} sees its runs until {session.until}. End it: interlock support close {app_id}"
    render.answer(session, text, machine=machine)


@app.command("list")
def list_(
    publisher: Annotated[str, typer.Option(help="Those that tenants have open for this publisher.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List the support sessions that are open: a tenant's, or those for a publisher."""
    sessions, name_of = _sessions(publisher, profile, tenant)
    rows = ([row.app, row.tenant, row.until, name_of(row.by), row.reason] for row in sessions)
    render.answer(sessions, lambda: render.table(COLUMNS, rows, "No support session is open."), machine=machine)


@app.command("close")
def close(app_id: AppId, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """End a support session now. Runs that a breakpoint has stopped stay paused."""
    client, tenant = as_tenant(profile, tenant)
    publisher, name, _ = app_parts(app_id)
    session = client.support_sessions.close(tenant, publisher, name)
    render.answer(session, f"The publisher of {app_id} no longer sees its runs.", machine=machine)


def _sessions(publisher: str, profile: str | None, tenant: str) -> tuple[list[SupportSession], NameOf]:
    """The sessions, and who opened them: a publisher does not know the tenant's people by name."""
    if publisher:
        client = as_kind(profile, "publisher", publisher)
        return list(client.publisher_support_sessions.iterate(publisher)), str
    client, tenant = as_tenant(profile, tenant)
    return list(client.support_sessions.iterate(tenant)), names_of(client, tenant)
