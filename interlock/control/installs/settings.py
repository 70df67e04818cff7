"""Changing what an install follows and how it is configured, without another version."""

from interlock.contract.core.failure import Rejected
from interlock.contract.install import InstallChange
from interlock.contract.registry import Install
from interlock.control.installs.context import InstallContext, require_active
from interlock.control.installs.install import check_config
from interlock.control.installs.upgrade import follow


def change_settings(context: InstallContext, tenant: str, install: str, change: InstallChange) -> Install:
    """Change an install's channel or config; on another channel it follows that one's releases from now on.

    Raises:
        NotFound: no such install.
        Rejected: the config does not fit the version's schema.
        Conflict: the install is not active.
    """
    current = context.registry.install(tenant, install).item
    require_active(current)
    if change.config is not None:
        version = context.registry.version(current.app, current.version).item
        findings = list(check_config(version, change.config))
        if findings:
            raise Rejected(f"the settings have {len(findings)} findings", findings, where=install)

    def changed(latest: Install) -> Install:
        channel = change.channel or latest.channel
        config = latest.config if change.config is None else change.config
        return latest.model_copy(update={"channel": channel, "config": config})

    after = context.registry.change_install(tenant, install, changed)
    return follow(context, after) if after.channel is not current.channel else after
