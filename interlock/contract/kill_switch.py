"""Kill switches of apps, versions and installs."""

from interlock.contract.core.base import Document


class KillSwitch(Document):
    """A kill switch: `stopped` is the reason why something is switched off, and empty while it is on."""

    stopped: str = ""


class VersionKillSwitch(Document):
    """The kill switch of a version."""

    app: str
    version: str
    stopped: str
