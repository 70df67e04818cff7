"""Importing an export: the people, the artifacts and the items of the registry. It can be cut, and begun again.

The first write is a mark with the export's digest; while it is there, the same export goes on where it was cut, and
another one is refused. Without the mark the registry must be a new deployment's, which has its operators alone, or hold
what the export holds. What there is already is never written over.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.aws.services import artifact_files, identities
from interlock.aws.tables.raw_items import key_of, put_absent, read_item, scan_items
from interlock.aws.tables.table import Item, Key, Table, item
from interlock.aws.tables.timers import PARTITION as AGENDA
from interlock.contract.core.base import Document
from interlock.contract.core.failure import Conflict
from interlock.contract.member import PLATFORM
from interlock.control.deployment.archive import Archive
from interlock.control.deployment.export import EVERY, IMPORT, DeploymentContext, Progress, is_exported

PRINCIPAL = "PRINCIPAL#"


class ImportMark(Document):
    """That an export is being imported."""

    digest: str


@dataclass
class Imported:
    """What an import did."""

    written: int = 0
    """Items."""
    present: int = 0
    """Items that were there already."""
    artifacts: int = 0
    invited: list[str] = field(default_factory=list[str])
    """People who were created in the user pool: each needs a new password."""
    machines: list[str] = field(default_factory=list[str])
    """Machines (`SCOPE NAME`) whose credentials are not in this pool: they get new ones."""


def import_registry(context: DeploymentContext, archive: Archive, *, invite: bool, progress: Progress) -> Imported:
    """Write what an export has into a deployment that is new, or that an earlier import left.

    Args:
        context: the deployment.
        archive: the export.
        invite: whether Cognito mails an invitation to each person who is created.
        progress: gets a line from time to time.

    Raises:
        Conflict: the registry is another deployment's, or another import is under way.
    """
    result = Imported()
    _claim(context.registry_table, archive)
    for artifact in archive.artifacts():
        result.artifacts += artifact_files.upload(context.artifact_bucket, artifact, archive.objects)
    progress(f"{result.artifacts} artifacts are written")
    people = _people(context.pool, archive, invite, result)
    progress(f"{len(result.invited)} users are created")
    for row in _translated(archive, people, set(_clients(context.pool)), result):
        if key_of(row).pk != AGENDA:
            _put(context.registry_table, row, result, progress)
    progress(f"{result.written} items are written, {result.present} were there already")
    return result


def import_timers(context: DeploymentContext, archive: Archive) -> None:
    """Write the timers, once all that they look at is there; the import is over then."""
    for row in archive.items():
        if key_of(row).pk == AGENDA:
            put_absent(context.registry_table, row)
    Table(context.registry_table).delete(IMPORT)


def _claim(table: str, archive: Archive) -> None:
    current = read_item(table, IMPORT)
    mark = ImportMark(digest=archive.manifest.digest)
    if current is None:
        _require_new(table, archive)
        put_absent(table, item(IMPORT, mark))
        current = read_item(table, IMPORT) or {}
    if ImportMark.model_validate_json(str(current.get("doc", {}).get("S", '{"digest": ""}'))) != mark:
        raise Conflict(
            "another export is being imported into this deployment",
            where=table,
            code="import-under-way",
            next_step="Finish that import: give its folder to `interlock deployment import`.",
        )


def _require_new(table: str, archive: Archive) -> None:
    """Refuse a registry that has more than its operators, and anything that the export has differently."""
    wanted = {_name(key_of(row)): _text(row) for row in archive.items()}
    for row in filter(is_exported, scan_items(table)):
        key = key_of(row)
        if wanted.get(_name(key)) != _text(row) and not _is_operators(key):
            raise Conflict(
                "the registry is not empty, and differs from the export",
                where=_name(key),
                code="registry-not-empty",
                next_step="Import into a new deployment (docs/operations.md).",
            )


def _is_operators(key: Key) -> bool:
    """Whether an item is of those who operate a deployment that has no tenant yet."""
    return key.pk == f"AUDIT#{PLATFORM}" or (key.pk.startswith(PRINCIPAL) and key.sk == PLATFORM)


def _people(pool: str, archive: Archive, invite: bool, result: Imported) -> dict[str, str]:
    """By the `sub` of each person in the export, theirs in this pool; who is not there yet is created."""
    there = {user.name: user.sub for user in identities.users(pool)}
    subs: dict[str, str] = {}
    for user in archive.users():
        sub = there.get(user.name)
        if sub is None:
            sub = identities.create_user(pool, user.name, user.email, invite=invite)
            if not user.enabled:
                identities.disable_user(pool, user.name)
            result.invited.append(user.name)
        subs[user.sub] = sub
    return subs


def _clients(pool: str) -> Iterator[str]:
    yield from (client_id for client_id, _ in identities.clients(pool))


def _translated(archive: Archive, people: Mapping[str, str], clients: set[str], result: Imported) -> Iterator[Item]:
    """The items, each membership under its principal in this pool; without machines that the pool does not have."""
    for row in archive.items():
        if not key_of(row).pk.startswith(PRINCIPAL):
            yield row
            continue
        member: dict[str, Any] = json.loads(row["doc"]["S"])
        if member.get("kind") == "client" and member["principal"] not in clients:
            result.machines.append(f"{member['scope']} {member.get('name', '')}")
            continue
        yield _renamed(row, member, people.get(member["principal"], member["principal"]))


def _renamed(row: Item, member: dict[str, Any], principal: str) -> Item:
    if principal == member["principal"]:
        return row
    doc = json.dumps(member | {"principal": principal}, separators=(",", ":"), ensure_ascii=False)
    fields = {"pk": {"S": PRINCIPAL + principal}, "gsi1sk": {"S": principal}, "doc": {"S": doc}}
    return row | fields


def _put(table: str, row: Item, result: Imported, progress: Callable[[str], None]) -> None:
    if put_absent(table, row):
        result.written += 1
    else:
        result.present += 1
    if (result.written + result.present) % EVERY == 0:
        progress(f"{result.written + result.present} items are imported")


def _name(key: Key) -> str:
    return f"{key.pk} {key.sk}"


def _text(row: Item) -> bytes:
    """What an item is, in few bytes."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()
