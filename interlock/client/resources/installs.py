"""The apps that a tenant has installed.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.consent import ConsentSheet
from interlock.contract.install import InstallChange, InstallPage, InstallRequest, UpgradeRequest, VersionChange
from interlock.contract.registry import Channel, Install
from interlock.contract.upgrade_plan import UpgradePlan


class InstallsResource:
    """The apps that a tenant has installed."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def get_consent(
        self, tenant: str, *, app: str, version: str | None = None, channel: Channel | None = None
    ) -> ConsentSheet:
        """Show what a tenant would consent to if it installed an app."""
        return ConsentSheet.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/consent", query={"app": app, "version": version, "channel": channel}
            )
        )

    def list(
        self, tenant: str, *, all: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> InstallPage:
        """List a tenant's installs.

        A page may be short and not the last.
        """
        return InstallPage.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/installs", query={"all": all, "limit": limit, "cursor": cursor}
            )
        )

    def iterate(self, tenant: str, *, all: bool | None = None, most: int | None = None) -> Iterator[Install]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, all=all, limit=limit, cursor=cursor),
            lambda page: page.installs,
            most,
            100,
        )

    def create(self, tenant: str, body: InstallRequest, *, key: str = "") -> Install:
        """Begin to install an app."""
        return Install.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/installs", body, key=key)
        )

    def delete(self, tenant: str, install: str, *, abort: bool | None = None) -> Install:
        """Begin to remove an install: no run starts from now on, and its data is kept for a while."""
        return Install.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/installs/{part(install)}", query={"abort": abort})
        )

    def get(self, tenant: str, install: str) -> Install:
        """Show one install."""
        return Install.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/installs/{part(install)}")
        )

    def update(self, tenant: str, install: str, body: InstallChange) -> Install:
        """Change an install's channel, config or secrets."""
        return Install.model_validate_json(
            self._calls.fetch("PUT", f"/v1/tenants/{part(tenant)}/installs/{part(install)}", body)
        )

    def delete_data(self, tenant: str, install: str, *, key: str = "") -> Install:
        """Begin to delete the data that a removed install kept."""
        return Install.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/delete", {}, key=key)
        )

    def plan_upgrade(self, tenant: str, install: str, *, version: str | None = None) -> UpgradePlan:
        """Show what an upgrade would ask for and change.

        Without a version it is the one that waits for consent, or the newest of the channel.
        """
        return UpgradePlan.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/plan", query={"version": version}
            )
        )

    def recover(self, tenant: str, install: str, *, key: str = "") -> Install:
        """Begin to install a removed app again, with the data that was kept."""
        return Install.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/recover", {}, key=key)
        )

    def rollback(self, tenant: str, install: str, *, key: str = "") -> VersionChange:
        """Begin to go back to the version before."""
        return VersionChange.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/rollback", {}, key=key)
        )

    def upgrade(self, tenant: str, install: str, body: UpgradeRequest, *, key: str = "") -> VersionChange:
        """Consent to what a version needs beyond the present one, and begin to upgrade to it."""
        return VersionChange.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/upgrade", body, key=key)
        )
