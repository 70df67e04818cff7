"""`interlock event dead …`: events that were accepted and did not become runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import (
    As,
    AsJson,
    DeadStateName,
    Limit,
    Tenant,
    Yes,
    app_parts,
    as_kind,
    as_tenant,
    require_yes,
)
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.dead_letter import BulkRedriven, BulkRedriveRequest, DeadLetter, DeadView

app = typer.Typer()
PAYLOAD_CHARS = 2_000
State = Annotated[DeadStateName, typer.Option(help="The state of the letters.")]
Install = Annotated[str, typer.Option(help="Only letters of this install.")]
OfPlatform = Annotated[
    bool, typer.Option("--platform", help="Messages of the start queue that belong to no tenant; for operators.")
]


@app.command("list")
def list_(
    state: State = "dead",
    install: Install = "",
    of_app: Annotated[
        str, typer.Option("--app", help="PUBLISHER/NAME: the app's letters in every tenant, without payloads.")
    ] = "",
    platform: OfPlatform = False,
    limit: Limit = 50,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List dead letters, newest first: cause, install, event, and how often it came."""
    from interlock.contract.dead_letter import DeadState

    wanted = DeadState(state)
    if platform:
        rows = as_kind(profile, "operator").platform_dead_letters.iterate(state=wanted, most=limit)
    elif of_app:
        publisher, name, _ = app_parts(of_app)
        rows = as_kind(profile, "publisher", publisher).app_dead_letters.iterate(
            publisher, name, state=wanted, most=limit
        )
    else:
        client, tenant = as_tenant(profile, tenant)
        chosen = install_id(client, tenant, install) if install else ""
        rows = client.dead_letters.iterate(tenant, state=wanted, install=chosen, most=limit)
    letters = list(rows)
    columns = ("letter", "cause", "app", "install", "event", "count", "last", "what")
    empty = f"There are no {state} letters."
    render.answer(letters, lambda: render.table(columns, map(_row, letters), empty), machine=machine)


@app.command("show")
def show(
    letter: str, platform: OfPlatform = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """Show a dead letter: its cause, the runs that led to it, its payload, and the run that it became after all."""
    if platform:
        view = as_kind(profile, "operator").platform_dead_letters.get(letter)
    else:
        client, tenant = as_tenant(profile, tenant)
        view = client.dead_letters.get(tenant, letter)
    render.answer(view, lambda: _print(view), machine=machine)


@app.command("redrive")
def redrive(
    letter: Annotated[str, typer.Argument(help="A letter; or use --all.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
    install: Install = "",
    code: Annotated[str, typer.Option(help="With --all: only letters with this cause.")] = "",
    count: Annotated[bool, typer.Option("--count", help="With --all: only count them.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Put a start back on the queue, with its own ids: what has started already does not start again."""
    if bool(letter) == every:
        raise BadRequest("the command needs a letter, or --all", where="LETTER", next_step="interlock event dead list")
    client, tenant = as_tenant(profile, tenant)
    if letter:
        redriven = client.dead_letters.redrive(tenant, letter)
        render.answer(redriven, redriven.what, machine=machine)
        return
    from interlock.contract.dead_letter import BulkRedriveRequest

    chosen = install_id(client, tenant, install) if install else ""
    pages = list(_redriven(client, tenant, BulkRedriveRequest(install=chosen, code=code, count_only=count)))
    render.answer(pages, lambda: _print_redriven(pages, count=count), machine=machine)


@app.command("drop")
def drop(
    letter: str,
    platform: OfPlatform = False,
    yes: Yes = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Give a start up: the letter stays as a note, and its payload is deleted."""
    require_yes(f"Give {letter} up and delete its payload?", letter, yes=yes, machine=machine)
    if platform:
        dropped = as_kind(profile, "operator").platform_dead_letters.drop(letter)
    else:
        client, tenant = as_tenant(profile, tenant)
        dropped = client.dead_letters.drop(tenant, letter)
    text = f"{letter} is dropped. See dropped letters: interlock event dead list --state dropped"
    render.answer(dropped, text, machine=machine)


def _redriven(client: Client, tenant: str, request: BulkRedriveRequest) -> Iterator[BulkRedriven]:
    """Every page of letters that match, put back or counted."""
    while True:
        page = client.dead_letters.redrive_page(tenant, request)
        yield page
        if page.cursor is None:
            return
        request = request.model_copy(update={"cursor": page.cursor})


def _row(letter: DeadLetter) -> list[object]:
    about = letter.event or letter.trigger
    what = render.short(letter.what)
    return [
        letter.id,
        letter.code,
        letter.app,
        letter.install_name or letter.install,
        about,
        letter.count,
        letter.last,
        what,
    ]


def _print(view: DeadView) -> None:
    letter, escape = view.letter, render.escape
    tree = render.tree(
        f"[bold]{letter.id}[/bold]  {render.styled(letter.state.value)}  [red]{escape(letter.code)}[/red]"
    )
    tree.add(escape(letter.what))
    if letter.trigger:
        app_id = letter.app or "an app that is gone"
        tree.add(escape(f"{app_id}, install {letter.install}, {letter.workflow}"))
        replay = f", replay {letter.replay}" if letter.replay else ""
        tree.add(escape(f"{letter.trigger}, id {letter.event_id}{replay}"))
    tree.add(f"{letter.count} x, first {letter.first}, last {letter.last}")
    if letter.chain:
        chain = tree.add("the runs that led to it")
        for hop in letter.chain:
            chain.add(escape(f"{hop.run}  {hop.app or '(gone)'} {hop.workflow}"))
    if view.payload is not None:
        tree.add(escape(render.short(view.payload, PAYLOAD_CHARS)))
    if view.run:
        tree.add(f"its run is {render.styled(view.run)}: interlock run show {letter.id}")
    render.out().print(tree)
    if letter.state.value == "dead":
        render.line(letter.next_step)


def _print_redriven(pages: list[BulkRedriven], *, count: bool) -> None:
    matched = sum(page.matched for page in pages)
    if count:
        render.line(f"{matched} letters match. To put them back, leave --count out.")
        return
    for row in (row for page in pages for row in page.refused):
        render.line(f"{row.id}  {row.what}")
    render.line(f"{sum(page.sent for page in pages)} of {matched} were put back.")
