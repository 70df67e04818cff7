"""Changing what an install follows, how it is configured and what it keeps secret, without another version."""

from collections.abc import Iterator

from interlock.aws.services import secrets
from interlock.contract.core import names
from interlock.contract.core.failure import Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.install import InstallChange
from interlock.contract.registry import Install, Version
from interlock.control.installs.context import InstallContext, require_active
from interlock.control.installs.install import check_config, check_secrets
from interlock.control.installs.upgrade import follow


def change_settings(context: InstallContext, tenant: str, install: str, change: InstallChange) -> Install:
    """Change an install's channel, config or secrets; on another channel it follows that one's releases from now on.

    Runs in flight keep the config that they started with, and read the new value of a secret from now on.

    Raises:
        NotFound: no such install.
        Rejected: the config does not fit the version's schema, or the app has no such secret.
        Conflict: the install is not active.
    """
    current = context.registry.install(tenant, install).item
    require_active(current)
    findings = list(_findings(context.registry.version(current.app, current.version).item, change))
    if findings:
        raise Rejected(f"the settings have {len(findings)} findings", findings, where=install)

    def changed(latest: Install) -> Install:
        channel = change.channel or latest.channel
        config = latest.config if change.config is None else change.config
        secret_names = tuple(dict.fromkeys((*latest.secrets, *change.secrets)))
        return latest.model_copy(update={"channel": channel, "config": config, "secrets": secret_names})

    # The names first: whatever is written has a name by which it is deleted with the install.
    after = context.registry.change_install(tenant, install, changed)
    for name, value in change.secrets.items():
        secrets.write_secret(names.secrets_prefix(tenant, install) + name, value)
    return follow(context, after) if after.channel is not current.channel else after


def _findings(version: Version, change: InstallChange) -> Iterator[Finding]:
    if change.config is not None:
        yield from check_config(version, change.config)
    yield from check_secrets(version, change.secrets)
