"""Who and what a deployment has: pages of tenants, publishers, and a publisher's apps."""

from interlock.contract.core.base import AppId, Document, Moment
from interlock.contract.registry import Publisher, Tenant


class PublishedApp(Document):
    """An app of which a version was uploaded, whatever became of it."""

    app: AppId
    since: Moment
    """When a version was uploaded last."""


class PublishedAppPage(Document):
    """One page of a publisher's apps, by name."""

    apps: tuple[PublishedApp, ...]
    cursor: str | None = None


class TenantPage(Document):
    """One page of tenants, by id."""

    tenants: tuple[Tenant, ...]
    cursor: str | None = None


class PublisherPage(Document):
    """One page of publishers, by id."""

    publishers: tuple[Publisher, ...]
    cursor: str | None = None
