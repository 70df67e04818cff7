"""`interlock app deprecate` and `yank`: versions that nobody should begin to use, or go on using."""

from typing import Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, as_kind
from interlock.contract.core.failure import BadRequest

Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME@VERSION")]
Reason = Annotated[str, typer.Option(help="Why, in words for tenants.")]


def deprecate(
    name: Name,
    reason: Reason = "",
    back: Annotated[bool, typer.Option("--back", help="Take the deprecation back.")] = False,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Call a version deprecated: it can be installed and goes on, but no install takes it up by itself."""
    _withdraw(name, "listed" if back else "deprecated", reason, profile, machine=machine)


def yank(name: Name, reason: Reason = "", profile: As = None, machine: AsJson = False) -> None:
    """Yank a version for good: nobody installs it, and installs that follow a channel leave it."""
    _withdraw(name, "yanked", reason, profile, machine=machine)


def _withdraw(name: str, status: str, reason: str, profile: str | None, *, machine: bool) -> None:
    app, _, version = name.partition("@")
    publisher, _, rest = app.partition("/")
    if not (version and rest):
        raise BadRequest("which version?", where=name, next_step="Write publisher/name@version.")
    path = f"/v1/publishers/{publisher}/apps/{rest}/versions/{version}/status"
    after = as_kind(profile, "publisher", publisher).post(path, {"status": status, "reason": reason})
    if machine:
        render.as_json(after)
    else:
        render.out.print(f"{name} is {after['status']}.")
