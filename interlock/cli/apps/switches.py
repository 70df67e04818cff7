"""`interlock install stop|start` and `interlock app stop|start`: kill switches."""

from typing import Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_kind, as_tenant
from interlock.contract.core.failure import BadRequest

Reason = Annotated[str, typer.Option(help="Why, in words for whoever meets it.")]
Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME[@VERSION]")]


def stop_install(
    install: str,
    reason: Reason = "stopped by the tenant",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Switch an install off: its starts become dead letters, and runs in flight fail at their next step."""
    client, base = as_tenant(profile, tenant)
    after = client.put(f"{base}/installs/{install}/switch", {"stopped": reason})
    _tell(after, f"{after['app']} is off. On again: interlock install start {install}", machine=machine)


def start_install(install: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Switch an install on again; what could not start meanwhile is redriven with `interlock event dead redrive`."""
    client, base = as_tenant(profile, tenant)
    after = client.put(f"{base}/installs/{install}/switch", {"stopped": ""})
    _tell(after, f"{after['app']} is on.", machine=machine)


def stop_app(
    name: Name, reason: Reason = "stopped by the publisher", profile: As = None, machine: AsJson = False
) -> None:
    """Switch an app, or one version of it, off for every tenant, within seconds."""
    _tell(_switch(name, reason, profile), f"{name} is off. On again: interlock app start {name}", machine=machine)


def start_app(name: Name, profile: As = None, machine: AsJson = False) -> None:
    """Switch an app, or one version of it, on again."""
    _tell(_switch(name, "", profile), f"{name} is on.", machine=machine)


def _switch(name: str, stopped: str, profile: str | None) -> dict[str, Any]:
    app, _, version = name.partition("@")
    publisher, _, rest = app.partition("/")
    if not rest:
        raise BadRequest("which app?", where=name, next_step="Write publisher/name, or publisher/name@version.")
    path = f"/v1/publishers/{publisher}/apps/{rest}" + (f"/versions/{version}" if version else "")
    found: dict[str, Any] = as_kind(profile, "publisher", publisher).put(f"{path}/switch", {"stopped": stopped})
    return found


def _tell(found: dict[str, Any], text: str, *, machine: bool) -> None:
    if machine:
        render.as_json(found)
    else:
        render.out.print(text)
