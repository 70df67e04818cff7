"""Switches that stop an install, a version or an app at once.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.kill_switch import KillSwitch, VersionKillSwitch
from interlock.contract.registry import Install


class KillSwitchesResource:
    """Switches that stop an install, a version or an app at once."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def set_app(self, publisher: str, name: str, body: KillSwitch) -> KillSwitch:
        """Switch an app off for a reason, or on, for every tenant."""
        return KillSwitch.model_validate_json(
            self._calls.fetch("PUT", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/switch", body)
        )

    def set_version(self, publisher: str, name: str, version: str, body: KillSwitch) -> VersionKillSwitch:
        """Switch a version off for a reason, or on, for every tenant."""
        return VersionKillSwitch.model_validate_json(
            self._calls.fetch(
                "PUT", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/switch", body
            )
        )

    def set_install(self, tenant: str, install: str, body: KillSwitch) -> Install:
        """Switch an install off for a reason, or on."""
        return Install.model_validate_json(
            self._calls.fetch("PUT", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/switch", body)
        )
