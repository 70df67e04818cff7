"""Routes of installs: from consent to deletion."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import Cursor, InstallId, Limit, TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.consent import ConsentSheet
from interlock.contract.install import InstallChange, InstallPage, InstallRequest, UpgradeRequest, VersionChange
from interlock.contract.registry import Channel, Install
from interlock.contract.upgrade_plan import UpgradePlan
from interlock.control.apps.listing import PAGE, require_visible
from interlock.control.installs import consent, install, settings, uninstall, upgrade, upgrade_plan

INSTALLS = "/v1/tenants/<tenant>/installs"
INSTALL = f"{INSTALLS}/<install>"
EXAMPLE = {"app": "acme/pii-tagger", "grant": ["catalog:read", "catalog:write:tags"]}
Gone = Annotated[bool, Query(alias="all", description="Whether removed and deleted installs are listed too.")]
AppId = Annotated[str, Query(description="The app.", examples=["acme/pii-tagger"])]
Version = Annotated[str, Query(description="The version; empty for the newest release of the channel.")]
FromChannel = Annotated[Channel, Query(description="The channel of the release.")]
Abort = Annotated[bool, Query(description="Whether runs in flight are stopped.")]


@route("GET", INSTALLS, "installs.list", action="readInstalls")
def list_installs(tenant: TenantId, gone: Gone = False, limit: Limit = PAGE, cursor: Cursor = None) -> InstallPage:
    """List a tenant's installs. A page may be short and not the last."""
    registry = contexts.registry()
    rows, following = registry.installs_page(registry.tenant(tenant).id, min(limit, PAGE), cursor)
    return InstallPage(installs=tuple(row for row in rows if gone or not row.status.gone), cursor=following)


@route("POST", INSTALLS, "installs.create", action="install", status=202)
def create_install(
    tenant: TenantId,
    request: Annotated[InstallRequest, Body(examples=[EXAMPLE])],
    caller: CurrentCaller,
) -> Install:
    """Begin to install an app."""
    require_visible(contexts.registry(), caller, request.app, tenant)
    return install.request_install(contexts.installs(), tenant, request, caller.principal)


@route("GET", "/v1/tenants/<tenant>/consent", "installs.get_consent", action="readInstalls")
def get_consent(
    tenant: TenantId,
    app: AppId,
    caller: CurrentCaller,
    version: Version = "",
    channel: FromChannel = Channel.STABLE,
) -> ConsentSheet:
    """Show what a tenant would consent to if it installed an app."""
    require_visible(contexts.registry(), caller, app, tenant)
    return consent.consent_sheet(contexts.registry(), app, version, channel)


@route("GET", INSTALL, "installs.get", action="readInstalls")
def get_install(tenant: TenantId, install: InstallId) -> Install:
    """Show one install."""
    return contexts.registry().install(tenant, install).item


@route("GET", f"{INSTALL}/plan", "installs.plan_upgrade", action="readInstalls")
def plan_upgrade(tenant: TenantId, install: InstallId, version: Version = "") -> UpgradePlan:
    """Show what an upgrade would ask for and change.

    Without a version it is the one that waits for consent, or the newest of the channel.
    """
    return upgrade_plan.plan_upgrade(contexts.installs(), tenant, install, version)


@route("PUT", INSTALL, "installs.update", action="install")
def update_install(tenant: TenantId, install: InstallId, change: Annotated[InstallChange, Body()]) -> Install:
    """Change an install's channel, config or secrets."""
    return settings.change_settings(contexts.installs(), tenant, install, change)


@route("POST", f"{INSTALL}/upgrade", "installs.upgrade", action="install", status=202)
def upgrade_install(
    tenant: TenantId,
    install: InstallId,
    caller: CurrentCaller,
    request: Annotated[UpgradeRequest, Body()],
) -> VersionChange:
    """Consent to what a version needs beyond the present one, and begin to upgrade to it."""
    return upgrade.request_upgrade(contexts.installs(), tenant, install, request, caller.principal)


@route("POST", f"{INSTALL}/rollback", "installs.rollback", action="install", status=202)
def rollback_install(tenant: TenantId, install: InstallId, caller: CurrentCaller) -> VersionChange:
    """Begin to go back to the version before."""
    return upgrade.request_rollback(contexts.installs(), tenant, install, caller.principal)


@route("DELETE", INSTALL, "installs.delete", action="install", status=202)
def delete_install(tenant: TenantId, install: InstallId, abort: Abort = False) -> Install:
    """Begin to remove an install: no run starts from now on, and its data is kept for a while."""
    return uninstall.request_removal(contexts.installs(), tenant, install, abort=abort)


@route("POST", f"{INSTALL}/recover", "installs.recover", action="install", status=202)
def recover_install(tenant: TenantId, install: InstallId) -> Install:
    """Begin to install a removed app again, with the data that was kept."""
    return uninstall.request_recovery(contexts.installs(), tenant, install)


@route("POST", f"{INSTALL}/delete", "installs.delete_data", action="install", status=202)
def delete_install_data(tenant: TenantId, install: InstallId) -> Install:
    """Begin to delete the data that a removed install kept."""
    return uninstall.request_deletion(contexts.installs(), tenant, install)
