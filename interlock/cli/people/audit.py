"""`interlock audit list`: who changed what, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import Kind
    from interlock.contract.audit import Change

app = typer.Typer()
COLUMNS = ("at", "who", "action", "what", "outcome")


@app.command("list")
def list_(
    publisher: Annotated[str, typer.Option(help="The changes of this publisher.")] = "",
    tenant: Annotated[str, typer.Option(help="The changes of this tenant.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Print at most this many.")] = 50,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """List changes, newest first: of the platform, of a publisher or of a tenant."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import choose

    kind: Kind = "publisher" if publisher else "tenant" if tenant else "operator"
    chosen = choose(profile, kind, publisher or tenant)
    if kind == "operator":
        kind = chosen.kind
    changes = list(_changes(Client(chosen), kind, publisher or tenant or chosen.id, limit))
    rows = ([row.at, row.name or row.principal, row.action, _what(row), row.outcome] for row in changes)
    render.answer(changes, lambda: render.table(COLUMNS, rows, "There are no changes yet."), machine=machine)


def _what(row: Change) -> str:
    """The call, and the name of the install that it is about."""
    return f"{row.method} {row.path}" + (f" ({row.install_name})" if row.install_name else "")


def _changes(client: Client, kind: Kind, owner: str, limit: int) -> Iterator[Change]:
    match kind:
        case "publisher":
            return client.publisher_audit.iterate(owner, most=limit)
        case "tenant":
            return client.tenant_audit.iterate(owner, most=limit)
        case "operator":
            return client.platform_audit.iterate(most=limit)
