"""Support sessions: for how long the publisher of an app sees a tenant's runs of it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from interlock.contract.core import limits
from interlock.contract.core.base import AppId, Document, Model, Moment, TenantId


class SupportRequest(Model):
    """The app whose publisher shall see its runs, for how long, and why."""

    app: AppId
    minutes: int = Field(default=limits.SUPPORT_MINUTES, ge=1, le=limits.MAX_SUPPORT_MINUTES)
    reason: Annotated[str, StringConstraints(max_length=500)] = ""
    """Such as the number of a ticket. The publisher sees it."""


class SupportSession(Document):
    """What a tenant's admin opened for the publisher of one app; it ends at `until`, or when it is closed."""

    tenant: TenantId
    app: AppId
    opened: Moment
    until: Moment
    by: str
    """The principal who opened it."""
    reason: str = ""

    def is_open(self, at: str) -> bool:
        """Whether it holds at a moment."""
        return at < self.until


class SupportSessionList(Document):
    """One page of the support sessions that are open."""

    sessions: tuple[SupportSession, ...]
    cursor: str | None = None
