"""`interlock install stop` and `start`: the kill switch of an install."""

from __future__ import annotations

from typing import Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

app = typer.Typer()
Reason = Annotated[str, typer.Option(help="Why, for the people who meet it.")]


@app.command("stop")
def stop(
    install: str,
    reason: Reason = "stopped by the tenant",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Switch an install off: its starts become dead letters, and runs in flight fail at their next step."""
    from interlock.contract.kill_switch import KillSwitch

    client, tenant = as_tenant(profile, tenant)
    after = client.kill_switches.set_install(tenant, install, KillSwitch(stopped=reason))
    text = f"{after.app} is off. To switch it on again: interlock install start {install}"
    render.answer(after, text, machine=machine)


@app.command("start")
def start(install: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Switch an install on again. To start what could not start meanwhile: interlock event dead redrive."""
    from interlock.contract.kill_switch import KillSwitch

    client, tenant = as_tenant(profile, tenant)
    after = client.kill_switches.set_install(tenant, install, KillSwitch())
    render.answer(after, f"{after.app} is on.", machine=machine)
