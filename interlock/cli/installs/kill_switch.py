"""`interlock install stop` and `start`: the kill switch of an install."""

from __future__ import annotations

from typing import Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import As, AsJson, Tenant, WhichInstall, as_tenant

app = typer.Typer()
Reason = Annotated[str, typer.Option(help="Why, for the people who meet it.")]


@app.command("stop")
def stop(
    install: WhichInstall,
    reason: Reason = "stopped by the tenant",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Switch an install off: its starts become dead letters, and runs in flight fail at their next step."""
    from interlock.contract.kill_switch import KillSwitch

    client, tenant = as_tenant(profile, tenant)
    install = install_id(client, tenant, install)
    after = client.kill_switches.set_install(tenant, install, KillSwitch(stopped=reason))
    text = f"{after.app} is off. To switch it on again: interlock install start {install}"
    render.answer(after, text, machine=machine)


@app.command("start")
def start(install: WhichInstall, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Switch an install on again. To start what could not start meanwhile: interlock event dead redrive."""
    from interlock.contract.kill_switch import KillSwitch

    client, tenant = as_tenant(profile, tenant)
    install = install_id(client, tenant, install)
    after = client.kill_switches.set_install(tenant, install, KillSwitch())
    render.answer(after, f"{after.app} is on.", machine=machine)
