"""Exporting a deployment: what its registry, its user pool and its artifact bucket have that can't be made again."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from interlock.aws.services import artifact_files, identities
from interlock.aws.tables.raw_items import key_of, scan_items
from interlock.aws.tables.table import Item, Key
from interlock.contract.core.base import now
from interlock.contract.deployment_export import (
    ARTIFACT_PREFIXES,
    ARTIFACTS,
    OBJECTS,
    REGISTRY,
    USERS,
    DeploymentManifest,
    ExportedArtifact,
)
from interlock.control.deployment.archive import draft_beside, write_manifest, write_rows

EVERY = 1_000
"""So many rows make a line of progress."""
AUDIT = "AUDIT#"
IMPORT = Key(pk="IMPORT", sk="META")
"""The item that is there while an import is under way."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class DeploymentContext:
    """Where a deployment is."""

    registry_table: str
    artifact_bucket: str
    pool: str
    onboard_machine: str
    """The ARN of the workflow that onboards a tenant; it names partition, region and account too."""

    def arns(self, service: str) -> str:
        """How the ARNs of a service begin, without the last colon."""
        _, partition, _, region, account, *_rest = self.onboard_machine.split(":")
        return f"arn:{partition}:{service}:{region}:{account}"

    @property
    def region(self) -> str:
        """Its AWS region."""
        return self.onboard_machine.split(":")[3]

    @property
    def account(self) -> str:
        """Its AWS account."""
        return self.onboard_machine.split(":")[4]


@dataclass
class _Kinds:
    counts: Counter[str] = field(default_factory=Counter[str])


def export_deployment(context: DeploymentContext, folder: Path, progress: Progress) -> DeploymentManifest:
    """Write an export into a new folder, whole or not at all. The values of secrets are not in it.

    Raises:
        Conflict: there is something of the folder's name already.
    """
    began, kinds = now(), _Kinds()
    with draft_beside(folder) as draft:
        registry = write_rows(draft / REGISTRY, _items(context.registry_table, kinds, progress))
        users = (user.model_dump_json() for user in identities.users(context.pool))
        people = write_rows(draft / USERS, users)
        progress(f"{people.rows} users are exported")
        sizes: list[int] = []
        rows = (artifact.model_dump_json() for artifact in _artifacts(context, draft / OBJECTS, sizes, progress))
        artifacts = write_rows(draft / ARTIFACTS, rows)
        manifest = DeploymentManifest(
            account=context.account,
            region=context.region,
            began=began,
            ended=now(),
            kinds=dict(sorted(kinds.counts.items())),
            files={REGISTRY: registry, USERS: people, ARTIFACTS: artifacts},
            artifact_bytes=sum(sizes),
        )
        return write_manifest(draft, manifest)


def is_exported(item: Item) -> bool:
    """Whether an item lasts: what deletes itself is left out, but for the audit log; so is the mark of an import."""
    key = key_of(item)
    return key != IMPORT and ("expires" not in item or key.pk.startswith(AUDIT))


def kind_of(key: Key) -> str:
    """What an item is, by its key."""
    match key.pk.partition("#")[0], key.sk.partition("#")[0]:
        case "TEN", "META":
            return "tenants"
        case "TEN", "INS":
            return "installs"
        case "TEN", "HOOK":
            return "webhooks"
        case "PUB", _:
            return "publishers"
        case "VER", _:
            return "versions"
        case "APP", "META":
            return "apps"
        case "APP", "LISTING":
            return "listings"
        case "PRINCIPAL", _:
            return "memberships"
        case "AUDIT", _:
            return "audit"
        case _:
            return "others"


def _items(table: str, kinds: _Kinds, progress: Progress) -> Iterator[str]:
    for number, item in enumerate(filter(is_exported, scan_items(table)), start=1):
        kinds.counts[kind_of(key_of(item))] += 1
        if number % EVERY == 0:
            progress(f"{number} items of the registry are exported")
        yield json.dumps(item, sort_keys=True)
    progress(f"{kinds.counts.total()} items of the registry are exported")


def _artifacts(
    context: DeploymentContext, folder: Path, sizes: list[int], progress: Progress
) -> Iterator[ExportedArtifact]:
    for prefix in ARTIFACT_PREFIXES:
        for key in artifact_files.keys_below(context.artifact_bucket, prefix):
            artifact = artifact_files.download(context.artifact_bucket, key, folder)
            sizes.append(artifact.bytes)
            if len(sizes) % EVERY == 0:
                progress(f"{len(sizes)} artifacts are exported")
            yield artifact
    progress(f"{len(sizes)} artifacts are exported, {sum(sizes)} bytes")
