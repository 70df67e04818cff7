"""What only the platform knows of a bundle before it is published.

It knows the versions that are listed, vulnerable libraries, what AWS says of the workflows, and its own network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from interlock.cli.terminal.options import app_parts, as_anybody, as_kind
from interlock.contract.core import limits
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.manifest import MANIFEST

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.compiler.version_plan import VersionPlan
    from interlock.contract.registry import Version
    from interlock.contract.version_check import CompiledWorkflow, VersionCheck

WERE_LISTED = ("listed", "deprecated", "yanked")


def compare_published(profile: str | None, data: bytes, plan: VersionPlan) -> tuple[tuple[Finding, ...], str]:
    """What publishing would find that the bundle alone does not tell.

    Returns:
        The findings, and why the platform could not be asked (for all); empty where it was.
    """
    from interlock.cli.terminal.profiles import load

    if not load().profiles:
        return (), "nobody is signed in"
    findings: list[Finding] = []
    try:
        findings.extend(_compare(as_anybody(profile), data, plan))
        publisher, name, _ = app_parts(plan.manifest.app.id)
        client = as_kind(profile, "publisher", publisher)
        for part in _parts(data, plan):
            findings.extend(client.versions.check(publisher, name, part).findings)
    except Failure as error:
        return tuple(findings), error.what
    return tuple(findings), ""


def _parts(data: bytes, plan: VersionPlan) -> Iterator[VersionCheck]:
    """What is sent, in parts that a call takes."""
    from interlock.compiler.archive import read_archive
    from interlock.compiler.sbom import bill_of
    from interlock.compiler.workflow_files import compiled_workflows
    from interlock.contract.version_check import Library, VersionCheck

    for workflows in in_bounds(compiled_workflows(plan)):
        yield VersionCheck(workflows=workflows)
    bundle = read_archive(data)
    rows = () if isinstance(bundle, tuple) else bill_of(bundle, plan.manifest)["components"]
    libraries = [Library.model_validate(row) for row in rows]
    for begin in range(0, len(libraries), limits.CHECK_LIBRARIES):
        yield VersionCheck(libraries=tuple(libraries[begin : begin + limits.CHECK_LIBRARIES]))
    egress = plan.manifest.permissions.egress
    for begin in range(0, len(egress), limits.CHECK_EGRESS):
        yield VersionCheck(egress=egress[begin : begin + limits.CHECK_EGRESS])


def in_bounds(workflows: Iterable[CompiledWorkflow]) -> Iterator[tuple[CompiledWorkflow, ...]]:
    """Workflows by what one call takes of them: so many, of so many bytes."""
    batch: list[CompiledWorkflow] = []
    size = 0
    for workflow in workflows:
        weight = len(workflow.model_dump_json())
        if batch and (len(batch) == limits.CHECK_WORKFLOWS or size + weight > limits.CHECK_BYTES):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(workflow)
        size += weight
    if batch:
        yield tuple(batch)


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
