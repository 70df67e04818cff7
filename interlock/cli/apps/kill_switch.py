"""`interlock app stop` and `start`: the kill switches of apps and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, app_parts, as_kind
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.contract.kill_switch import KillSwitch, VersionKillSwitch

app = typer.Typer()
Reason = Annotated[str, typer.Option(help="Why, for the people who meet it.")]
Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME[@VERSION]")]


@app.command("stop")
def stop(name: Name, reason: Reason = "stopped by the publisher", profile: As = None, machine: AsJson = False) -> None:
    """Switch an app, or one version of it, off for every tenant, within seconds."""
    text = f"{name} is off. To switch it on again: interlock app start {name}"
    render.answer(_switch(name, reason, profile), text, machine=machine)


@app.command("start")
def start(name: Name, profile: As = None, machine: AsJson = False) -> None:
    """Switch an app, or one version of it, on again."""
    render.answer(_switch(name, "", profile), f"{name} is on.", machine=machine)


def _switch(name: str, stopped: str, profile: str | None) -> KillSwitch | VersionKillSwitch:
    from interlock.contract.kill_switch import KillSwitch

    publisher, app_name, version = app_parts(name)
    if not app_name:
        step = "Write publisher/name, or publisher/name@version."
        raise BadRequest("the command needs an app", where=name, next_step=step)
    switches = as_kind(profile, "publisher", publisher).kill_switches
    if version:
        return switches.set_version(publisher, app_name, version, KillSwitch(stopped=stopped))
    return switches.set_app(publisher, app_name, KillSwitch(stopped=stopped))
