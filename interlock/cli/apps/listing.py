"""`interlock app list`, `search`, `listing`, `visibility` and `catalogue`: the apps that tenants find."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import (
    As,
    AsJson,
    CategoryName,
    Limit,
    Of,
    VisibilityName,
    app_parts,
    as_anybody,
    as_kind,
    as_owner,
)
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.contract.listing import ListingPage, ListingRow

app = typer.Typer()
Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME")]


@app.command("list")
def list_(of: Of = "", profile: As = None, machine: AsJson = False) -> None:
    """List a publisher's own apps, listed or not."""
    client, publisher = as_owner("publisher", profile, of)
    apps = list(client.publishers.iterate_apps(publisher))
    rows = ([one.app, one.since] for one in apps)
    empty = f"{publisher} has no apps. To begin one: interlock app init {publisher}/NAME"
    render.answer(apps, lambda: render.table(("app", "last upload"), rows, empty), machine=machine)


@app.command("search")
def search(
    terms: Annotated[list[str] | None, typer.Argument(help="Words of the name, title, summary or category.")] = None,
    category: Annotated[CategoryName | None, typer.Option(help="Only apps of this category.")] = None,
    publisher: Annotated[str, typer.Option(help="Only apps of this publisher.")] = "",
    verified: Annotated[bool, typer.Option("--verified", help="Only apps of verified publishers.")] = False,
    limit: Limit = 50,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Search the listing for apps."""
    from interlock.contract.manifest import Category

    kind = Category(category) if category else None
    text = " ".join(terms or ())
    listings = as_anybody(profile).listings
    apps = list(listings.iterate_search(q=text, category=kind, publisher=publisher, verified=verified, most=limit))
    columns = ("app", "version", "title", "category", "publisher", "certified", "installs")
    rows = (
        [row.app, row.version, row.title, row.category.value, _badge(row), row.level.value, row.installs]
        for row in apps
    )
    render.answer(apps, lambda: render.table(columns, rows, "No app matches."), machine=machine)


@app.command("listing")
def listing(name: Name, profile: As = None, machine: AsJson = False) -> None:
    """Show an app as it is listed: what it may do, in plain words."""
    publisher, app_name, _ = app_parts(name)
    page = as_anybody(profile).listings.get(publisher, app_name)
    render.answer(page, lambda: _print(page), machine=machine)


@app.command("visibility")
def visibility(
    name: Name,
    to: Annotated[VisibilityName | None, typer.Option("--set", help="Who may find the app.")] = None,
    invite: Annotated[list[str] | None, typer.Option(help="A tenant that may find it.")] = None,
    uninvite: Annotated[list[str] | None, typer.Option(help="A tenant that may no longer find it.")] = None,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Change who may find and install an app. Existing installs stay."""
    from interlock.contract.listing import ListingChange
    from interlock.contract.manifest import Visibility

    if not (to or invite or uninvite):
        step = "Use --set, --invite or --uninvite."
        raise BadRequest("the command changes nothing", where=name, next_step=step)
    publisher, app_name, _ = app_parts(name)
    change = ListingChange(
        visibility=Visibility(to) if to else None, invite=tuple(invite or ()), uninvite=tuple(uninvite or ())
    )
    after = as_kind(profile, "publisher", publisher).listings.update(publisher, app_name, change)
    invited = f", invited: {', '.join(after.invited)}" if after.invited else ""
    render.answer(after, f"{name} is {after.visibility.value}{invited}.", machine=machine)


@app.command("catalogue")
def catalogue(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output without it.")] = None,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Export every app that you may find as JSON."""
    from pydantic_core import to_json

    apps = list(as_anybody(profile).listings.iterate_export())
    if output is None or machine:
        render.as_json(apps)
        return
    output.write_bytes(to_json(apps, indent=1))
    render.line(f"{output}: {len(apps)} apps")


def _print(page: ListingPage) -> None:
    row = page.listing
    render.line(f"{row.title}  ({row.app}@{row.version})  {row.summary}")
    facts: dict[str, object] = {
        "publisher": _badge(row),
        "certified": row.level.value,
        "golden tests": row.tests,
        "installs": row.installs,
        "visibility": row.visibility.value,
        "invited": ", ".join(page.invited),
        "hosts": "held to those it declares, by the SDK" + (" and by a firewall" if page.network else ""),
    }
    render.table(("what", "is"), [[name, value] for name, value in facts.items() if value != ""], "")
    render.line("It may:" if row.plain else "It asks for nothing.")
    for sentence in row.plain:
        render.line(f"  {sentence}")
    if page.changelog:
        render.line(f"\n{page.changelog}")


def _badge(row: ListingRow) -> str:
    return f"{row.publisher} (verified: {row.domain})" if row.verified else f"{row.publisher} (not verified)"
