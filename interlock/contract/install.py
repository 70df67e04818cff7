"""What a tenant asks of an install, and what the platform answers."""

from pydantic import Field

from interlock.contract.core.base import Document, InstallName, Json, Semver
from interlock.contract.registry import Channel, Install, WatchRule


class InstallRequest(Document):
    """An app that a tenant installs. `grant` holds the scopes that the tenant consents to."""

    app: str
    name: InstallName | None = None
    """What the install is called among those of the app; by default like the app. A second install needs another."""
    version: str = ""
    """Empty for the newest release of the channel."""
    channel: Channel = Channel.STABLE
    grant: tuple[str, ...] = ()
    config: dict[str, Json] = {}
    secrets: dict[str, str] = {}


class InstallChange(Document):
    """The settings of an install that change; a field that is null stays as it is."""

    channel: Channel | None = None
    config: dict[str, Json] | None = None
    secrets: dict[str, str] = {}
    """New values of secrets; those that are not named keep theirs. The next step that reads one gets the new value."""


class UpgradeRequest(Document):
    """A version that a tenant upgrades to, and the scopes that the tenant consents to."""

    version: str = ""
    """Empty for the newest release of the channel."""
    grant: tuple[str, ...] = ()
    config: dict[str, Json] | None = None
    """A new config, where the version needs one."""
    secrets: dict[str, str] = {}
    watch: WatchRule = Field(default_factory=WatchRule)


class VersionChange(Document):
    """An install that moves to another version."""

    install: Install
    to: Semver
    changed: bool = True
    """False where the install is at that version already, so that nothing begins."""


class InstallPage(Document):
    """One page of a tenant's installs; it may be short, or empty, and not the last."""

    installs: tuple[Install, ...]
    cursor: str | None = None
