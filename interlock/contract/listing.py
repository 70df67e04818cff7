"""An app as it is listed: what a tenant reads before it installs."""

from pydantic import Field

from interlock.contract.certification import Level
from interlock.contract.core.base import AppId, Document, Moment, Semver, TenantId
from interlock.contract.manifest import Category, Visibility
from interlock.contract.view import ListedView


class Image(Document):
    """An image of a listing, in the bucket of artifacts, which knows what kind it is."""

    key: str


class Listing(Document):
    """The item of an app's listing: as its newest release is."""

    app: AppId
    title: str
    summary: str = ""
    category: Category
    version: Semver
    """What a tenant gets that names no version."""
    level: Level = Level.AUTOMATIC
    permissions: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    invited: tuple[TenantId, ...] = ()
    icon: Image | None = None
    screenshots: tuple[Image, ...] = ()
    changelog: str = ""
    views: tuple[ListedView, ...] = ()
    tests: int = 0
    """Golden tests that the version passed."""
    listed: Moment
    withdrawn: bool = False
    """Nothing of it can be installed any more."""

    @property
    def publisher(self) -> str:
        """Whose it is."""
        return self.app.partition("/")[0]


class InstallCount(Document):
    """How many tenants have an app installed, under its own name; a number beside it, which transactions change."""

    app: AppId


class ListingRow(Document):
    """A listing as it is answered."""

    app: AppId
    publisher: str
    verified: bool
    """Its publisher showed that a domain is its own."""
    domain: str = ""
    title: str
    summary: str
    category: Category
    version: Semver
    level: Level
    permissions: tuple[str, ...]
    plain: tuple[str, ...]
    """The permissions in plain words."""
    visibility: Visibility
    tests: int
    installs: int
    listed: Moment


class ListingPage(Document):
    """A listing with its images, whose URLs hold for five minutes."""

    listing: ListingRow
    changelog: str = ""
    icon: str = ""
    screenshots: tuple[str, ...] = ()
    network: bool = False
    """Whether a firewall of the deployment holds steps to declared hosts, beside the SDK."""
    views: tuple[ListedView, ...] = ()
    """The pages that the app brings."""
    invited: tuple[str, ...] = Field(default=())
    """For the publisher alone."""


class Query(Document):
    """What is searched for; empty words match everything."""

    words: str = ""
    category: Category | None = None
    publisher: str = ""
    verified: bool = False


class ListingChange(Document):
    """What a publisher changes of a listing without a new version."""

    visibility: Visibility | None = None
    invite: tuple[TenantId, ...] = ()
    uninvite: tuple[TenantId, ...] = ()


class AppPage(Document):
    """A page of a search; it may be short, or empty, and not the last."""

    apps: tuple[ListingRow, ...]
    cursor: str | None = None
