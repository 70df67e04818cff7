"""An export is whole and tells no secret; an import is refused where it could hurt, and can be cut anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services import artifacts, identities
from interlock.aws.tables.raw_items import scan_items
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Item, Key, item
from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, Conflict
from interlock.contract.deployment_export import MANIFEST, OBJECTS, REGISTRY, USERS, DeploymentManifest
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Membership, Role
from interlock.control.deployment.archive import read_archive, write_manifest
from interlock.control.deployment.export import IMPORT, DeploymentContext, export_deployment
from interlock.control.deployment.import_registry import ImportMark, import_registry, import_timers
from tests.support.cloud import ACCOUNT, REGION, Cloud, listed
from tests.support.cloud import make_table as make
from tests.support.crashes import Killed, listening

MARK = f"{IMPORT.pk} {IMPORT.sk}"
SECRET = "a-secret-value-of-an-install"
ARTIFACT = "versions/acme/app/1.0.0/x/bundle.zip"


def silent(_text: str) -> None:
    """No progress."""


@pytest.fixture
def source(cloud: Cloud, pool: str) -> DeploymentContext:
    """A deployment with an install, its secret, people and machines, short-lived items and artifacts."""
    listed(cloud)
    grant = ("catalog:read", "secret:key", "state", "tool:app")
    cloud.install(InstallRequest(app="acme/app", grant=grant, secrets={"key": SECRET}, config={}))
    sub = identities.create_user(pool, "tenant.acme.pat", "pat@example.com")
    client_id, _ = identities.create_client(pool, "tenant-acme-ci")
    person = Membership(principal=sub, scope="tenant/acme", role=Role.ADMIN, name="pat", kind="user")
    cloud.registry.join(person)
    cloud.registry.join(person.model_copy(update={"principal": client_id, "name": "ci", "kind": "client"}))
    for pk in ("AUDIT#tenant/acme", "INVITEE#someone"):
        cloud.registry.table.put(Key(pk=pk, sk="1"), Document(), extra={"expires": 4_000_000_000})
    for key in (ARTIFACT, "platform/advisories.json", "uploads/acme/app/1.0.0/1.zip"):
        artifacts.write(cloud.bucket, key, f"of {key}".encode(), "application/zip")
    return context(cloud, pool, "registry")


def context(cloud: Cloud, pool: str, table: str, bucket: str = "") -> DeploymentContext:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:interlock-onboard"
    return DeploymentContext(table, bucket or cloud.bucket, pool, machine)


@pytest.fixture
def target(cloud: Cloud, source: DeploymentContext) -> DeploymentContext:
    """A new deployment beside it: no item, no artifact, and a pool of its own."""
    make("empty", 1)
    client("s3").create_bucket(Bucket="empty")
    pool = client("cognito-idp").create_user_pool(PoolName="empty")["UserPool"]["Id"]
    return context(cloud, pool, "empty", "empty")


@pytest.fixture
def folder(source: DeploymentContext, tmp_path: Path) -> Path:
    export_deployment(source, tmp_path / "out", silent)
    return tmp_path / "out"


def items(table: str) -> dict[str, Item]:
    return {name(row): row for row in scan_items(table)}


def name(row: Item) -> str:
    return f"{row['pk']['S']} {row['sk']['S']}"


def test_an_export_has_what_lasts_and_no_secret(source: DeploymentContext, folder: Path) -> None:
    archive = read_archive(folder)
    keys = {name(row) for row in archive.items()}
    assert set(items("registry")) - keys == {"INVITEE#someone 1"}
    assert "AUDIT#tenant/acme 1" in keys
    kinds = archive.manifest.kinds
    assert (kinds["tenants"], kinds["installs"], kinds["versions"], kinds["memberships"]) == (1, 1, 1, 2)
    assert [(user.name, user.email) for user in archive.users()] == [("tenant.acme.pat", "pat@example.com")]
    assert {row.key for row in archive.artifacts()} == {ARTIFACT, "platform/advisories.json"}
    text = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert SECRET.encode() not in text and b"assword" not in text


def test_an_export_never_writes_over_a_folder(source: DeploymentContext, folder: Path) -> None:
    with pytest.raises(Conflict) as refused:
        export_deployment(source, folder, silent)
    assert refused.value.code == "export-exists"


def test_an_export_that_is_cut_leaves_nothing(source: DeploymentContext, tmp_path: Path) -> None:
    with listening() as killer:
        export_deployment(source, tmp_path / "whole", silent)
        calls = len(killer.calls)
    for at in range(1, calls + 1):
        with listening() as killer, pytest.raises(Killed):
            killer.at = at
            export_deployment(source, tmp_path / "cut", silent)
        assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def test_an_empty_deployment_gets_equal_items_and_artifacts(
    source: DeploymentContext, target: DeploymentContext, folder: Path
) -> None:
    archive = read_archive(folder)
    result = import_registry(target, archive, invite=False, progress=silent)
    import_timers(target, archive)
    assert result.invited == ["tenant.acme.pat"] and result.machines == ["tenant/acme ci"]
    wanted, there = items("registry"), items("empty")
    rest = {key for key in wanted if not key.startswith(("PRINCIPAL#", "INVITEE#"))}
    assert {key: there[key] for key in rest} == {key: wanted[key] for key in rest}
    assert {key for key in there if not key.startswith("PRINCIPAL#")} == rest
    (member,) = Registry("empty").members("tenant/acme")
    assert member.principal == identities.user_of(target.pool, "tenant.acme.pat") and member.name == "pat"
    assert Registry("empty").memberships(member.principal) == [member]
    for row in archive.artifacts():
        body = client("s3").get_object(Bucket="empty", Key=row.key)["Body"].read()
        assert hashlib.sha256(body).hexdigest() == row.sha256
    again = folder.parent / "again"
    export_deployment(target, again, silent)
    assert read_archive(again).manifest.files["artifacts.jsonl"] == archive.manifest.files["artifacts.jsonl"]


def test_an_import_that_is_cut_goes_on_where_it_was(target: DeploymentContext, folder: Path) -> None:
    """Cut before each of its calls in turn: every try does one call more, and the last one is the end."""
    archive = read_archive(folder)
    at = 0
    while True:
        at += 1
        with listening() as killer:
            killer.at = at
            try:
                import_registry(target, archive, invite=False, progress=silent)
            except Killed:
                continue
            break
    import_timers(target, archive)
    exported = {name(row) for row in archive.items()}
    unnamed = {key for key in exported if not key.startswith("PRINCIPAL#")}
    assert at > len(unnamed) and unnamed <= set(items("empty")) and MARK not in items("empty")
    assert len(Registry("empty").members("tenant/acme")) == 1
    assert len(list(identities.users(target.pool))) == 1


def test_an_import_into_its_own_deployment_changes_nothing(source: DeploymentContext, folder: Path) -> None:
    archive, before = read_archive(folder), items("registry")
    result = import_registry(source, archive, invite=False, progress=silent)
    import_timers(source, archive)
    assert result.written == 0 and not result.invited and items("registry") == before


def test_a_registry_with_other_items_is_left_alone(target: DeploymentContext, folder: Path) -> None:
    archive = read_archive(folder)
    Registry("empty").join(Membership(principal="jane", scope="platform", role=Role.OPERATOR))
    other = item(Key(pk="TEN#other", sk="META"), Document())
    client("dynamodb").put_item(TableName="empty", Item=other)
    before = items("empty")
    with pytest.raises(Conflict) as refused:
        import_registry(target, archive, invite=False, progress=silent)
    assert refused.value.code == "registry-not-empty" and items("empty") == before
    assert "Contents" not in client("s3").list_objects_v2(Bucket="empty") and not list(identities.users(target.pool))
    client("dynamodb").delete_item(TableName="empty", Key=Key(pk="TEN#other", sk="META").attributes())
    import_registry(target, archive, invite=False, progress=silent)


def test_another_import_under_way_is_not_disturbed(target: DeploymentContext, folder: Path) -> None:
    client("dynamodb").put_item(TableName="empty", Item=item(IMPORT, ImportMark(digest="0" * 64)))
    with pytest.raises(Conflict) as refused:
        import_registry(target, read_archive(folder), invite=False, progress=silent)
    assert refused.value.code == "import-under-way" and list(items("empty")) == [MARK]


def sealed(folder: Path, **fields: Any) -> None:
    """Change the manifest, with a digest that fits."""
    manifest = DeploymentManifest.model_validate_json((folder / MANIFEST).read_text())
    write_manifest(folder, manifest.model_copy(update=fields))


def a_row(folder: Path, name: str, line: bytes) -> None:
    """Another line in a file, with digests that fit."""
    (folder / name).write_bytes(line)
    manifest = DeploymentManifest.model_validate_json((folder / MANIFEST).read_text())
    listed = manifest.files[name].model_copy(update={"sha256": hashlib.sha256(line).hexdigest()})
    sealed(folder, files=manifest.files | {name: listed})


def blob(folder: Path) -> Path:
    return next((folder / OBJECTS).iterdir())


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a byte of the registry": lambda folder: (folder / REGISTRY).write_bytes((folder / REGISTRY).read_bytes() + b" "),
    "no users": lambda folder: (folder / USERS).unlink(),
    "a byte of an artifact": lambda folder: blob(folder).write_bytes(b"of versions/acme/app/1.0.0/x/bundle.zi_"),
    "no artifact": lambda folder: blob(folder).unlink(),
    "a number in the manifest": lambda folder: (folder / MANIFEST).write_text(
        (folder / MANIFEST).read_text().replace('"tenants": 1', '"tenants": 2')
    ),
    "a row without a key": lambda folder: a_row(folder, REGISTRY, b'{"doc": {"S": ""}}\n'),
    "a row that is no JSON": lambda folder: a_row(folder, REGISTRY, b"[" * 100_000 + b"\n"),
    "a file outside": lambda folder: a_row(
        folder,
        "artifacts.jsonl",
        json.dumps({"key": "versions/x", "sha256": "../manifest.json", "bytes": 1}).encode() + b"\n",
    ),
    "an artifact elsewhere": lambda folder: a_row(
        folder, "artifacts.jsonl", json.dumps({"key": "uploads/x", "sha256": "0" * 64, "bytes": 1}).encode() + b"\n"
    ),
    "a row less": lambda folder: a_row(folder, USERS, b""),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_export_is_refused(folder: Path, damage: Callable[[Path], object]) -> None:
    damage(folder)
    with pytest.raises(Conflict) as refused:
        read_archive(folder)
    assert refused.value.code == "deployment-export-damaged" and "export" in refused.value.next_step


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"format": 2}', "[" * 100_000])
def test_a_folder_that_is_no_export_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(BadRequest) as refused:
        read_archive(tmp_path)
    assert refused.value.code == "not-a-deployment-export"
