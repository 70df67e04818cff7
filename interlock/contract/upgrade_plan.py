"""What a switch of versions means for a tenant, before it consents."""

from pydantic import Field

from interlock.contract.core.base import AppId, Document, Semver
from interlock.contract.core.finding import Finding


class Difference(Document):
    """What comes, what goes, what stays the same word but not the same thing."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return not (self.added or self.removed or self.changed)


class UpgradePlan(Document):
    """A switch as it would be: an install's version, and the one it would have."""

    install: str
    app: AppId
    before: Semver
    to: Semver
    consent: tuple[str, ...] = ()
    """Scopes that the tenant has not granted yet: each in the words of `words`."""
    words: dict[str, str] = {}
    """What each scope means, for people."""
    scopes: Difference = Field(default_factory=Difference)
    triggers: Difference = Field(default_factory=Difference)
    tools: Difference = Field(default_factory=Difference)
    findings: tuple[Finding, ...] = ()
    """What of the install's config does not fit."""
    changelog: str = ""

    @property
    def automatic(self) -> bool:
        """Whether an install would follow it by itself: it asks for nothing new."""
        return not (self.consent or self.tools.added or self.tools.changed or self.findings)
