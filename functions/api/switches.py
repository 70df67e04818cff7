"""Routes of kill switches."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, registry
from interlock.contract.kill_switch import KillSwitch
from interlock.control.apps.kill_switches import switch_app, switch_install, switch_version


@app.put("/v1/tenants/<tenant>/installs/<install>/switch")
def install_switch(tenant: str, install: str) -> Response[str]:
    """Switch an install off, for the reason in `stopped`, or on, with none."""
    caller("install", f"tenant/{tenant}")
    return ok(switch_install(registry(), tenant, install, KillSwitch.model_validate_json(body())))


@app.put("/v1/publishers/<publisher>/apps/<name>/switch")
def app_switch(publisher: str, name: str) -> Response[str]:
    """Switch an app off or on, for every tenant."""
    caller("publish", f"publisher/{publisher}")
    return ok(switch_app(registry(), f"{publisher}/{name}", KillSwitch.model_validate_json(body())))


@app.put("/v1/publishers/<publisher>/apps/<name>/versions/<version>/switch")
def version_switch(publisher: str, name: str, version: str) -> Response[str]:
    """Switch a version off or on, for every tenant."""
    caller("publish", f"publisher/{publisher}")
    found = switch_version(registry(), f"{publisher}/{name}", version, KillSwitch.model_validate_json(body()))
    return ok({"app": found.app, "version": found.version, "stopped": found.stopped})
