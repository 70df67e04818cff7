"""What only the platform knows of a bundle before it is published: the versions of the app that are there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from interlock.cli.terminal.options import app_parts, as_anybody
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.manifest import MANIFEST

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.compiler.version_plan import VersionPlan
    from interlock.contract.registry import Version

WERE_LISTED = ("listed", "deprecated", "yanked")


def compare_published(profile: str | None, data: bytes, plan: VersionPlan) -> tuple[tuple[Finding, ...], str]:
    """What publishing would find that the bundle alone does not tell.

    Returns:
        The findings, and why nothing could be compared; empty where it was.
    """
    from interlock.cli.terminal.profiles import load

    if not load().profiles:
        return (), "nobody is signed in"
    try:
        return tuple(_compare(as_anybody(profile), data, plan)), ""
    except Failure as error:
        return (), error.what


def _compare(client: Client, data: bytes, plan: VersionPlan) -> Iterator[Finding]:
    from interlock.compiler.compatibility import check_events

    app = plan.manifest.app
    publisher, name, _ = app_parts(app.id)
    listed = [row for row in _versions(client, publisher, name) if row.status.value in WERE_LISTED]
    same = next((row for row in listed if row.version == app.version), None)
    if same is not None and same.digest != hashlib.sha256(data).hexdigest():
        yield Finding(
            code="manifest.version-listed",
            where=f"{MANIFEST}#app.version",
            what=f"{app.id}@{app.version} is listed, with other content, and a listed version never changes",
            fix="Raise `version` in [app].",
            # `interlock dev` needs no other version; and packed for another Python, the same files are another bundle.
            severity=Severity.WARNING,
        )
    before = max((row for row in listed if row.version != app.version), key=_listed, default=None)
    if before is not None:
        yield from check_events(client.versions.get(publisher, name, before.version).event_schemas, plan.event_schemas)


def _listed(version: Version) -> str:
    return str(version.listed or version.created)


def _versions(client: Client, publisher: str, name: str) -> list[Version]:
    try:
        return list(client.versions.iterate(publisher, name))
    except NotFound:
        return []
