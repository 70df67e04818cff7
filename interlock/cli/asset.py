"""`interlock asset …`: a tenant's catalog."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Limit, Tenant, as_tenant
from interlock.contract.core.failure import BadRequest, NotFound

if TYPE_CHECKING:
    from interlock.client.api import Interlock
    from interlock.contract.catalog import Asset, AssetWrite
    from interlock.contract.core.base import Json
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
    asset = _asset(client, tenant, name)
    render.answer(asset, lambda: _print(asset), machine=machine)


@app.command("set")
def set_(
    name: str,
    owner: Annotated[
        list[str] | None, typer.Option(help="An owner; may be repeated. The owners become these; an empty one is none.")
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE, the value as JSON or text; NAME= takes it away. Others stay. May be repeated."),
    ] = None,
    add_tag: Annotated[list[str] | None, typer.Option(help="A tag to add; may be repeated.")] = None,
    remove_tag: Annotated[list[str] | None, typer.Option(help="A tag to take away; may be repeated.")] = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Change the owners, attributes and tags of an asset. Apps see the change as an event."""
    from interlock.contract.catalog import AssetBatch

    if not (owner or attribute or add_tag or remove_tag):
        raise typer.BadParameter("name what changes: --owner, --attribute, --add-tag or --remove-tag")
    client, tenant = as_tenant(profile, tenant)
    asset = _asset(client, tenant, name)
    write = _write(
        {
            "qualified_name": name,
            "owners": None if owner is None else tuple(dict.fromkeys(one for one in owner if one)),
            "attributes": _merged(asset.attributes, attribute) if attribute else None,
            "add_tags": tuple(add_tag or ()),
            "remove_tags": tuple(remove_tag or ()),
            # Attributes are replaced as a whole: what somebody else wrote meanwhile must not be lost.
            "if_version": asset.version if attribute else None,
        }
    )
    (change,) = client.assets.write(tenant, AssetBatch(writes=(write,))).changes
    text = f"{name} is {change.outcome}" + (f": {', '.join(change.changed)}." if change.changed else ".")
    render.answer(change, text, machine=machine)


def _asset(client: Interlock, tenant: str, name: str) -> Asset:
    assets = client.assets.list(tenant, qualified_name=name).assets
    if not assets:
        step = "Search by prefix: interlock asset search --prefix …"
        raise NotFound(f"there is no asset {name}", next_step=step)
    return assets[0]


def _write(fields: dict[str, object]) -> AssetWrite:
    from pydantic import ValidationError

    from interlock.contract.catalog import AssetWrite
    from interlock.contract.core.validation import explain

    try:
        return AssetWrite.model_validate(fields)
    except ValidationError as error:
        where, what = explain(error.errors())
        raise BadRequest(what, where=where, next_step="interlock asset set --help") from None


def _merged(before: dict[str, Json], pairs: list[str]) -> dict[str, Json]:
    """Attributes with those of NAME=VALUE; an empty value takes one away."""
    after = dict(before)
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not name or not separator:
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint="--attribute")
        after.pop(name, None)
        if text:
            after[name] = _value(text)
    return after


def _value(text: str) -> Json:
    try:
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text


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
