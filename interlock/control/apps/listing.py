"""The listing: what is written of an app when its releases change, and who finds, sees and installs it."""

from collections.abc import Iterator, Mapping

from interlock.aws.services import artifacts
from interlock.aws.tables.listings import Listings, ListingView
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored, retry_conflicts
from interlock.compiler.showcase import image_kind
from interlock.contract.core import names
from interlock.contract.core.failure import NotFound
from interlock.contract.core.semver import is_prerelease, order
from interlock.contract.listing import AppPage, Image, Listing, ListingChange, ListingPage, ListingRow, Query
from interlock.contract.manifest import ListingSection, Visibility
from interlock.contract.member import PLATFORM, Caller
from interlock.contract.registry import App, Release, Role, Version, VersionStatus
from interlock.contract.scope_words import say
from interlock.contract.view import ListedView

FOLDER = "listing/"
PAGE = 50
PAGES = 4
"""A search reads so many pages at most before it answers what it found, and where it ended."""


def list_app(registry: Registry, app: str) -> Listing | None:
    """Write an app's listing as its newest release is; None where it was never listed.

    Raises:
        Conflict: too many callers change the listing at the same time.
    """
    listings = Listings(registry.table.name)

    def attempt() -> Listing | None:
        stored = listings.find(app)
        release = _shown_release(registry.app(app).item)
        if release is None:
            if stored is None or stored.item.withdrawn:
                return stored.item if stored else None
            after = stored.item.model_copy(update={"withdrawn": True})
        else:
            after = _listing(registry.version(app, release.version).item, release, stored)
        if stored is not None and after == stored.item:
            return after
        listings.write(Stored(item=after, rev=stored.rev if stored else 0))
        return after

    return retry_conflicts(attempt, "the listing", app)


def change_listing(registry: Registry, app: str, change: ListingChange) -> Listing:
    """Change who finds an app, without a new version.

    Raises:
        NotFound: it was never listed.
        Conflict: too many callers change the listing at the same time.
    """

    def changed(latest: Listing) -> Listing:
        invited = tuple(sorted({*latest.invited, *change.invite} - set(change.uninvite)))
        return latest.model_copy(update={"invited": invited, "visibility": change.visibility or latest.visibility})

    return Listings(registry.table.name).change(app, changed, absent=_unknown(app))


def search(registry: Registry, caller: Caller, query: Query, limit: int, cursor: str | None) -> AppPage:
    """A page of what a caller finds."""
    listings = Listings(registry.table.name)
    rows: list[ListingRow] = []
    for _ in range(PAGES):
        page, cursor = listings.page(query.publisher, min(limit - len(rows), PAGE), cursor)
        fitting = [one for one in page if is_visible(one, caller) and not one.withdrawn and _fits(one, query)]
        shown = [_row(one) for one in listings.complete(fitting)]
        rows += [row for row in shown if row.verified or not query.verified]
        if cursor is None or len(rows) >= limit:
            break
    return AppPage(apps=tuple(rows), cursor=cursor)


def show_listing(registry: Registry, bucket: str, caller: Caller, app: str, *, network: bool = False) -> ListingPage:
    """One listing, with its images; `network` is whether a firewall of the deployment holds steps to declared hosts.

    Raises:
        NotFound: there is none, or the caller may not see it.
    """
    listings = Listings(registry.table.name)
    stored = listings.find(app)
    if stored is None or not is_visible(stored.item, caller):
        raise _unknown(app)
    listing = stored.item
    (shown,) = listings.complete([listing])
    return ListingPage(
        listing=_row(shown),
        changelog=listing.changelog,
        icon=artifacts.presign_read(bucket, listing.icon.key) if listing.icon else "",
        screenshots=tuple(artifacts.presign_read(bucket, one.key) for one in listing.screenshots),
        network=network,
        views=listing.views,
        invited=listing.invited if _is_own(listing.app, caller) else (),
    )


def require_visible(registry: Registry, caller: Caller, app: str, tenant: str = "") -> None:
    """Refuse an app that a caller may not see, or may not install for a tenant, as one that is not there.

    Raises:
        NotFound: it is hidden, or was never listed and is another publisher's.
    """
    if _is_own(app, caller):
        return
    stored = Listings(registry.table.name).find(app)
    if stored is None or not (
        is_visible(stored.item, caller) if not tenant else _is_for(stored.item, frozenset({tenant}))
    ):
        raise _unknown(app)


def versions_of(
    registry: Registry, caller: Caller, app: str, limit: int = PAGE, cursor: str | None = None
) -> tuple[list[Version], str | None]:
    """One page of an app's versions: of all for its publisher; of those that were listed, for who may see the app."""
    require_visible(registry, caller, app)
    rows, after = registry.versions(app, limit, cursor)
    if _is_own(app, caller):
        return rows, after
    return [_without_breakpoints(row) for row in rows if row.listed], after


def version_of_app(registry: Registry, caller: Caller, app: str, version: str) -> Version:
    """One version of an app.

    Raises:
        NotFound: there is none that the caller may see.
    """
    require_visible(registry, caller, app)
    current = registry.version(app, version).item
    if _is_own(app, caller):
        return current
    if not current.listed:
        raise _unknown(f"{app}@{version}")
    return _without_breakpoints(current)


def is_visible(listing: Listing, caller: Caller) -> bool:
    """Whether a caller finds an app. Pure."""
    tenants = frozenset(row.scope.partition("/")[2] for row in caller.memberships if row.scope.startswith("tenant/"))
    return _is_own(listing.app, caller) or _is_for(listing, tenants)


def keep_showcase(bucket: str, prefix: str, section: ListingSection, files: Mapping[str, bytes]) -> None:
    """Keep the images of a bundle beside it, each as what it is."""
    for path in (section.icon, *section.screenshots):
        if path:
            artifacts.write(bucket, image_key(prefix, path), files[path], image_kind(files[path]))


def image_key(prefix: str, path: str) -> str:
    """Where a file of a listing is kept."""
    return f"{prefix}{FOLDER}{path.replace('/', '-')}"


def _is_own(app: str, caller: Caller) -> bool:
    publisher = f"publisher/{app.partition('/')[0]}"
    return any(
        row.scope == publisher or (row.scope == PLATFORM and row.role is Role.OPERATOR) for row in caller.memberships
    )


def _without_breakpoints(version: Version) -> Version:
    """What callers outside the publisher see: how it debugs its version is its own."""
    return version.model_copy(update={"breakpoints": ()})


def _is_for(listing: Listing, tenants: frozenset[str]) -> bool:
    match listing.visibility:
        case Visibility.PUBLIC:
            return True
        case Visibility.INVITED:
            return not tenants.isdisjoint(listing.invited)
        case Visibility.PRIVATE:
            return False


def _shown_release(app: App) -> Release | None:
    rows = [row for row in app.releases if row.status is VersionStatus.LISTED]
    stable = [row for row in rows if not is_prerelease(row.version)] or rows
    rows = stable or [row for row in app.releases if row.status.installable]
    return max(rows, key=lambda row: order(row.version)) if rows else None


def _listing(version: Version, release: Release, stored: Stored[Listing] | None) -> Listing:
    manifest = version.manifest
    if manifest is None:
        raise NotFound("a listed version has no manifest", where=version.app, next_step="Publish the version again.")
    section = manifest.listing
    before = stored.item if stored else None
    return Listing(
        app=version.app,
        title=manifest.app.title,
        summary=manifest.app.summary,
        category=manifest.app.category,
        version=version.version,
        level=version.level,
        permissions=manifest.permissions.scopes(),
        visibility=_visibility(version, before),
        invited=before.invited if before else (),
        icon=_images(version, (section.icon,))[0] if section.icon else None,
        screenshots=_images(version, section.screenshots),
        changelog=version.changelog,
        views=tuple(ListedView(title=view.title, where=view.where) for view in manifest.views),
        tests=len(manifest.tests),
        listed=release.listed,
    )


def _visibility(version: Version, before: Listing | None) -> Visibility:
    """What a new version says holds; what was said by hand holds until one says otherwise."""
    said = version.manifest.listing.visibility if version.manifest else None
    if before is None:
        return said or Visibility.PUBLIC
    return said if said is not None and before.version != version.version else before.visibility


def _images(version: Version, paths: tuple[str, ...]) -> tuple[Image, ...]:
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    return tuple(Image(key=image_key(prefix, path)) for path in paths)


def _fits(listing: Listing, query: Query) -> bool:
    text = f"{listing.app} {listing.title} {listing.summary} {listing.category}".casefold()
    return query.category in (None, listing.category) and all(word in text for word in query.words.casefold().split())


def _row(shown: ListingView) -> ListingRow:
    one, whose = shown.listing, shown.publisher
    domain = whose.domain if whose and whose.verified else None
    return ListingRow(
        **one.model_dump(include=set(ListingRow.model_fields) & set(Listing.model_fields)),
        publisher=one.publisher,
        verified=domain is not None,
        domain=domain.name if domain else "",
        plain=tuple(_plain(one.permissions)),
        installs=shown.installs,
    )


def _plain(scopes: tuple[str, ...]) -> Iterator[str]:
    for scope in scopes:
        yield say(scope)


def _unknown(app: str) -> NotFound:
    return NotFound(f"{app} is not listed", code="unknown-version", next_step="interlock app search")
