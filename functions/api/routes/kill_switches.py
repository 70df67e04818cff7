"""Routes of kill switches."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import AppName, InstallId, PublisherId, TenantId, VersionId
from functions.api.routing import route
from interlock.contract.kill_switch import KillSwitch, VersionKillSwitch
from interlock.contract.registry import Install
from interlock.control.apps import kill_switches

APP = "/v1/publishers/<publisher>/apps/<name>"
Switch = Annotated[KillSwitch, Body()]


@route("PUT", "/v1/tenants/<tenant>/installs/<install>/switch", "kill_switches.set_install", action="install")
def set_install_kill_switch(tenant: TenantId, install: InstallId, switch: Switch) -> Install:
    """Switch an install off for a reason, or on."""
    return kill_switches.set_install_kill_switch(contexts.registry(), tenant, install, switch)


@route("PUT", f"{APP}/switch", "kill_switches.set_app", action="publish")
def set_app_kill_switch(publisher: PublisherId, name: AppName, switch: Switch) -> KillSwitch:
    """Switch an app off for a reason, or on, for every tenant."""
    return kill_switches.set_app_kill_switch(contexts.registry(), f"{publisher}/{name}", switch)


@route("PUT", f"{APP}/versions/<version>/switch", "kill_switches.set_version", action="publish")
def set_version_kill_switch(
    publisher: PublisherId, name: AppName, version: VersionId, switch: Switch
) -> VersionKillSwitch:
    """Switch a version off for a reason, or on, for every tenant."""
    after = kill_switches.set_version_kill_switch(contexts.registry(), f"{publisher}/{name}", version, switch)
    return VersionKillSwitch(app=after.app, version=after.version, stopped=after.stopped)
