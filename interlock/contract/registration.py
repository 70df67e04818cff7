"""How tenants, publishers and versions are registered, and how versions are withdrawn."""

from typing import Literal

from interlock.contract.core.base import Document, DomainName, PublisherId, Semver, Sha256, TenantId
from interlock.contract.member import Credentials
from interlock.contract.registry import Publisher, Tenant, Version


class DomainClaim(Document):
    """A domain that a publisher claims."""

    domain: DomainName


class NewPublisher(Document):
    """A publisher that is registered."""

    id: PublisherId
    title: str = ""


class NewVersion(Document):
    """A version that is registered before its bundle is uploaded."""

    version: Semver
    digest: Sha256
    review: bool = False


class Withdrawal(Document):
    """A new status of a listed version; `listed` takes a deprecation back."""

    status: Literal["deprecated", "yanked", "listed"]
    reason: str = ""


class NewTenant(Document):
    """A tenant that is registered."""

    id: TenantId
    title: str = ""


class PublisherRegistered(Document):
    """A new publisher, with the credentials of its first admin."""

    publisher: Publisher
    credentials: Credentials


class TenantRegistered(Document):
    """A new tenant, with the credentials of its first admin."""

    tenant: Tenant
    credentials: Credentials


class VersionPage(Document):
    """One page of an app's versions; it may be short, or empty, and not the last."""

    versions: tuple[Version, ...]
    cursor: str | None = None
