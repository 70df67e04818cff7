"""`interlock view …`: the pages that installed apps bring."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.contract.view import Where

if TYPE_CHECKING:
    from interlock.contract.view import View

app = typer.Typer()


@app.command("list")
def list_(
    where: Annotated[Where | None, typer.Option(help="Only views that are shown there.")] = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List the pages that installed apps bring."""
    client, tenant = as_tenant(profile, tenant)
    views = list(client.views.iterate(tenant, where=where))
    rows = ([row.install, row.id, row.where.value, row.title, f"{row.app}@{row.version}"] for row in views)
    empty = "No installed app brings a page. Apps declare them as views: docs/views.md"
    columns = ("install", "view", "where", "title", "app")
    render.answer(views, lambda: render.table(columns, rows, empty), machine=machine)


@app.command("show")
def show(
    install: str,
    view: str,
    subject: Annotated[str, typer.Option(help="The asset's qualified name, or the run's id.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show the data of one page. The console draws it as the card of the app."""
    client, tenant = as_tenant(profile, tenant)
    answer = client.views.get(tenant, install, view, subject=subject)
    render.answer(answer, lambda: _print(answer), machine=machine)


def _print(view: View) -> None:
    row = view.view
    render.note(f"{row.title} ({row.app}@{row.version}), as of {view.as_of or 'never'}", "bold")
    if view.note:
        render.note(view.note[:1].upper() + view.note[1:])
    if view.run:
        render.note(f"The output of run {view.run}: interlock run show {view.run}", "dim")
    if view.data is not None:
        render.line(json.dumps(view.data, indent=2, ensure_ascii=False))
    if view.refresh:
        arguments = json.dumps(view.arguments)
        render.note(f"Make it anew: interlock tool call {view.refresh} --input '{arguments}' --wait", "dim")
