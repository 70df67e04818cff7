"""Which release an install runs: by its channel, and by what its tenant consented to. Pure but for the reads.

An install follows the newest release of its channel whose permissions the tenant granted. A newer one that asks for
more is offered, and waits; fixes of what was granted go on arriving meanwhile.
"""

from collections.abc import Iterable
from typing import NamedTuple

from interlock.aws.tables.registry import Registry
from interlock.contract.core import limits
from interlock.contract.core.failure import NotFound
from interlock.contract.core.semver import is_prerelease, order
from interlock.contract.registry import App, Channel, Install, Release, Version, VersionStatus
from interlock.contract.trigger import requested_permissions


class Next(NamedTuple):
    """Where an install goes by itself, and what its tenant is asked about."""

    move: Release | None
    offer: Release | None


def add_release(registry: Registry, version: Version) -> App:
    """Write a version's release into its app, in the place of what was there of it.

    Raises:
        Conflict: too many callers change the app at the same time.
    """
    at = version.listed or version.created
    release = Release(
        version=version.version, status=version.status, permissions=requested_permissions(version), listed=at
    )

    def add(app: App) -> App:
        others = [row for row in app.releases if row.version != version.version]
        ranked = sorted((release, *others), key=lambda row: order(row.version), reverse=True)[: limits.RELEASES]
        return app.model_copy(update={"releases": tuple(ranked)})

    return registry.change_app(version.app, add)


def listed_last(registry: Registry, app: str, but: str = "") -> Version | None:
    """The version of an app that was listed last, whatever became of it; another one than `but`."""
    rows = [row for row in registry.app(app).item.releases if row.version != but]
    return registry.version(app, max(rows, key=lambda row: row.listed).version).item if rows else None


def release_to_install(registry: Registry, app: str, version: str = "", channel: Channel = Channel.STABLE) -> Version:
    """The version that a tenant gets: the named one, or the newest of the channel.

    Raises:
        NotFound: the app has no such release.
    """
    current = registry.app(app).item
    rows = [row for row in current.releases if row.status.installable and version in ("", row.version)]
    if not version:
        preferred = [row for row in rows if row.status is VersionStatus.LISTED and _in_channel(row, channel)]
        rows = preferred or [row for row in rows if row.status is VersionStatus.LISTED]
    if not rows:
        word = f"{app}@{version}" if version else app
        raise NotFound(f"{word} is not listed", code="unknown-version", next_step=f"interlock app versions {app}")
    return registry.version(app, _newest(rows).version).item


def next_release(app: App, install: Install) -> Next:
    """Where an install goes: pure."""
    if install.channel is Channel.PINNED:
        return Next(None, None)
    follows = [
        row
        for row in app.releases
        if row.status is VersionStatus.LISTED and _in_channel(row, install.channel) and row.version not in install.held
    ]
    granted = [row for row in follows if set(row.permissions) <= set(install.granted)]
    leaves = any(row.version == install.version and row.status is VersionStatus.YANKED for row in app.releases)
    best = _newest(granted) if granted else None
    move = best if best and (leaves or order(best.version) > order(install.version)) else None
    move = move if move and move.version != install.version else None
    stays = move.version if move else install.version
    asking = [row for row in follows if order(row.version) > order(stays) and row not in granted]
    return Next(move, _newest(asking) if asking else None)


def _in_channel(release: Release, channel: Channel) -> bool:
    return channel is not Channel.STABLE or not is_prerelease(release.version)


def _newest(rows: Iterable[Release]) -> Release:
    return max(rows, key=lambda row: order(row.version))
