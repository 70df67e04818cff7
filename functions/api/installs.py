"""Routes of installs: from consent to receipt."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, life, number, one_of, registry, word
from interlock.contract.install import InstallChange, InstallRequest, UpgradeRequest
from interlock.contract.registry import Channel
from interlock.control.apps.listing import PAGE, require_visible
from interlock.control.installs.consent import consent_sheet
from interlock.control.installs.install import request_install
from interlock.control.installs.settings import change_settings
from interlock.control.installs.uninstall import request_deletion, request_recovery, request_removal
from interlock.control.installs.upgrade import request_rollback, request_upgrade
from interlock.control.installs.upgrade_plan import plan_switch

INSTALLS = "/v1/tenants/<tenant>/installs"
INSTALL = f"{INSTALLS}/<install>"


@app.get(INSTALLS)
def installs(tenant: str) -> Response[str]:
    """A page of a tenant's installs; with `all`, removed and deleted ones too. It may be short and not the last."""
    caller("readInstalls", f"tenant/{tenant}")
    limit, cursor = min(number("limit", PAGE), PAGE), word("cursor") or None
    found, after = registry().installs_page(registry().tenant(tenant).id, limit, cursor)
    kept = [install.model_dump(mode="json") for install in found if word("all") or not install.status.gone]
    return ok({"installs": kept, "cursor": after})


@app.post(INSTALLS)
def install_app(tenant: str) -> Response[str]:
    """Begin to install an app."""
    by = caller("install", f"tenant/{tenant}")
    asked = InstallRequest.model_validate_json(body())
    require_visible(registry(), by, asked.app, tenant)
    return ok(request_install(life(), tenant, asked, by.principal), 202)


@app.get("/v1/tenants/<tenant>/consent")
def consent(tenant: str) -> Response[str]:
    """What a tenant would consent to with an `app` (of a `version`, or the newest of a `channel`)."""
    by = caller("readInstalls", f"tenant/{tenant}")
    require_visible(registry(), by, word("app"), tenant)
    channel = one_of(Channel, word("channel", Channel.STABLE.value), "channel", "channel")
    return ok(consent_sheet(registry(), word("app"), word("version"), channel))


@app.get(INSTALL)
def one_install(tenant: str, install: str) -> Response[str]:
    """One install."""
    caller("readInstalls", f"tenant/{tenant}")
    return ok(registry().install(tenant, install).item)


@app.get(f"{INSTALL}/plan")
def plan(tenant: str, install: str) -> Response[str]:
    """What a switch to `version` would ask for and change; to what waits, or the newest, without it."""
    caller("readInstalls", f"tenant/{tenant}")
    return ok(plan_switch(life(), tenant, install, word("version")))


@app.put(INSTALL)
def change(tenant: str, install: str) -> Response[str]:
    """Change an install's channel or config."""
    caller("install", f"tenant/{tenant}")
    return ok(change_settings(life(), tenant, install, InstallChange.model_validate_json(body())))


@app.post(f"{INSTALL}/upgrade")
def upgrade(tenant: str, install: str) -> Response[str]:
    """Consent to a version's difference, and begin to switch to it."""
    by = caller("install", f"tenant/{tenant}")
    asked = UpgradeRequest.model_validate_json(body())
    return ok(request_upgrade(life(), tenant, install, asked, by.principal), 202)


@app.post(f"{INSTALL}/rollback")
def rollback(tenant: str, install: str) -> Response[str]:
    """Begin to switch back to the version before."""
    by = caller("install", f"tenant/{tenant}")
    return ok(request_rollback(life(), tenant, install, by.principal), 202)


@app.delete(INSTALL)
def uninstall(tenant: str, install: str) -> Response[str]:
    """Stop starts, and begin to remove an install; with `abort`, runs in flight are stopped."""
    caller("install", f"tenant/{tenant}")
    return ok(request_removal(life(), tenant, install, abort=bool(word("abort"))), 202)


@app.post(f"{INSTALL}/recover")
def recover(tenant: str, install: str) -> Response[str]:
    """Begin to install a removed app again, with what it had."""
    caller("install", f"tenant/{tenant}")
    return ok(request_recovery(life(), tenant, install), 202)


@app.post(f"{INSTALL}/delete")
def delete(tenant: str, install: str) -> Response[str]:
    """Begin to delete what a removed install kept."""
    caller("install", f"tenant/{tenant}")
    return ok(request_deletion(life(), tenant, install), 202)
