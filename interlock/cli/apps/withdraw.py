"""`interlock app deprecate` and `yank`: versions that nobody should begin to use, or go on using."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import (
    As,
    AsJson,
    Yes,
    app_parts,
    as_kind,
    require_yes,
)
from interlock.contract.core.failure import BadRequest

app = typer.Typer()
Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME@VERSION")]
Reason = Annotated[str, typer.Option(help="Why, for the tenants.")]
Status = Literal["deprecated", "yanked", "listed"]


@app.command("deprecate")
def deprecate(
    name: Name,
    reason: Reason = "",
    back: Annotated[bool, typer.Option("--back", help="Take the deprecation back.")] = False,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Deprecate a version: it can still be installed, but no install takes it up by itself."""
    _withdraw(name, "listed" if back else "deprecated", reason, profile, machine=machine)


@app.command("yank")
def yank(name: Name, reason: Reason = "", yes: Yes = False, profile: As = None, machine: AsJson = False) -> None:
    """Yank a version for good: nobody can install it, and installs that follow a channel leave it."""
    require_yes(f"Yank {name} for good?", name, yes=yes, machine=machine)
    _withdraw(name, "yanked", reason, profile, machine=machine)


def _withdraw(name: str, status: Status, reason: str, profile: str | None, *, machine: bool) -> None:
    from interlock.contract.registration import Withdrawal

    publisher, app_name, version = app_parts(name)
    if not (version and app_name):
        raise BadRequest("the command needs a version", where=name, next_step="Write publisher/name@version.")
    withdrawal = Withdrawal(status=status, reason=reason)
    after = as_kind(profile, "publisher", publisher).versions.set_status(publisher, app_name, version, withdrawal)
    render.answer(after, f"{name} is {after.status.value}.", machine=machine)
