"""`interlock asset …`: a tenant's catalog."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Limit, Tenant, as_tenant
from interlock.contract.core.failure import NotFound

if TYPE_CHECKING:
    from interlock.contract.catalog import Asset
    from interlock.contract.event import CatalogDetail

app = typer.Typer()


@app.command("search")
def search(
    text: Annotated[str, typer.Argument(help="Words that are in a name, a tag, an owner or a text attribute.")] = "",
    kind: Annotated[str, typer.Option("--type", help="Only assets of this type.")] = "",
    tag: Annotated[str, typer.Option(help="Only assets with this tag.")] = "",
    prefix: Annotated[str, typer.Option(help="Only assets whose name begins with this.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Print at most this many.")] = 1000,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Find assets by words, type, tag and the beginning of the name."""
    client, tenant = as_tenant(profile, tenant)
    rows = client.assets.iterate(tenant, type=kind, tag=tag, prefix=prefix, text=text, most=limit)
    _answer(list(rows), machine=machine)


@app.command("list")
def list_(
    limit: Limit = 50,
    everything: Annotated[bool, typer.Option("--all", help="Print every asset.")] = False,
    cursor: Annotated[str, typer.Option(help="Go on where a page ended.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List assets by name: a page, or all of them."""
    client, tenant = as_tenant(profile, tenant)
    if everything:
        _answer(list(client.assets.iterate(tenant)), machine=machine)
        return
    page = client.assets.list(tenant, limit=limit, cursor=cursor or None)
    _answer(list(page.assets), machine=machine)
    if page.cursor:
        step = f"interlock asset list --cursor {shlex.quote(page.cursor)}"
        render.note(f"There are more. All of them: --all. The next page: {step}", "dim")


@app.command("show")
def show(
    name: str,
    history: Annotated[bool, typer.Option("--history", help="Show its changes instead, newest first.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show one asset."""
    client, tenant = as_tenant(profile, tenant)
    if history:
        changes = client.assets.list_changes(tenant, qualified_name=name).changes
        columns = ("at", "change", "version", "fields")
        empty = f"No change of {name} is known."
        render.answer(changes, lambda: render.table(columns, map(_change, changes), empty), machine=machine)
        return
    assets = client.assets.list(tenant, qualified_name=name).assets
    if not assets:
        step = "Search by prefix: interlock asset search --prefix …"
        raise NotFound(f"there is no asset {name}", next_step=step)
    render.answer(assets[0], lambda: _print(assets[0]), machine=machine)


def _answer(assets: list[Asset], *, machine: bool) -> None:
    rows = ([row.qualified_name, row.type, " ".join(row.tags)] for row in assets)
    render.answer(
        assets, lambda: render.table(("asset", "type", "tags"), rows, "There are no assets."), machine=machine
    )


def _print(asset: Asset) -> None:
    fields = asset.model_dump(mode="json")
    render.table(("field", "value"), [[key, render.short(value, 400)] for key, value in fields.items()], "")


def _change(row: CatalogDetail) -> list[object]:
    return [row.at, row.type.value, row.asset.version, ", ".join(row.changed)]
