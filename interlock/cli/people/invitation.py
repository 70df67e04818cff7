"""`interlock invitation …`: what tenants and publishers ask a person to join."""

from __future__ import annotations

from typing import Annotated

import typer

from interlock.cli.people.member import print_invitations, print_members
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, as_anybody

app = typer.Typer()
Id = Annotated[str, typer.Argument(help="Its id.", metavar="INVITATION")]


@app.command("list")
def list_(profile: As = None, machine: AsJson = False) -> None:
    """List the invitations that wait for your answer."""
    print_invitations(as_anybody(profile).invitations.list().invitations, str, machine=machine)


@app.command("accept")
def accept(invitation: Id, profile: As = None, machine: AsJson = False) -> None:
    """Accept an invitation, and become a member."""
    print_members([as_anybody(profile).invitations.accept(invitation)], machine=machine)


@app.command("decline")
def decline(invitation: Id, profile: As = None, machine: AsJson = False) -> None:
    """Decline an invitation."""
    declined = as_anybody(profile).invitations.decline(invitation)
    render.answer(declined, f"Invitation {invitation} is declined.", machine=machine)
