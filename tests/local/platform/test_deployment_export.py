"""A deployment that is lost: its export is imported into a new one, whose apps run, are installed and published on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.raw_items import key_of, scan_items
from interlock.contract.core import names
from interlock.local.environment import environment, talking_to
from interlock.local.platform import Platform
from tests.support.cli import Cli, Write
from tests.support.platforms import running_platform

CONFIG = ("--config", '{"greeting": "Hi"}')
LASTING = ("TEN#", "PUB#", "APP#", "COUNTED#", "AGENDA")


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("lost")) as platform:
        yield platform


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("fresh")) as platform:
        yield platform


def items(platform: Platform) -> dict[str, Any]:
    with talking_to(platform.engine):
        rows = {key_of(row): row for row in scan_items(platform.record.registry_table)}
    return {f"{key.pk} {key.sk}": row for key, row in rows.items() if key.pk.startswith(LASTING)}


def outputs(platform: Platform, folder: Path) -> Path:
    """What `cdk deploy --outputs-file` writes."""
    with talking_to(platform.engine):
        stacks = client("cloudformation").describe_stacks()["Stacks"]
    rows = {
        row["StackName"]: {one["OutputKey"]: one["OutputValue"] for one in row.get("Outputs", [])} for row in stacks
    }
    (folder / "outputs.json").write_text(json.dumps(rows))
    return folder / "outputs.json"


def tenant_profile(cli: Cli, tenant: str) -> None:
    """A profile of a machine of the tenant, made by the operator: its old credentials went with their pool."""
    credential = cli.ok(
        "tenant", "credential", "create", "again", "--of", tenant, "--role", "admin", "--as", "operator"
    )
    path = cli.home / "profiles.json"
    profiles = json.loads(path.read_text())
    operator = profiles["profiles"]["operator"]
    fields = {"name": tenant, "kind": "tenant", "id": tenant}
    fields |= {name: credential[name] for name in ("client_id", "client_secret")}
    profiles["profiles"][tenant] = operator | fields
    path.write_text(json.dumps(profiles))


def test_a_lost_deployment_is_imported_and_runs(
    lost: Platform, fresh: Platform, app: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after, folder = Cli(lost.place.root), Cli(fresh.place.root), str(tmp_path / "export")
    before.ok("up")
    before.ok("tenant", "create", "globex")
    before.ok("publisher", "create", "acme")
    before.ok("app", "publish", str(app()))
    before.ok("install", "add", "acme/hello", "--yes", *CONFIG, "--secret", "api_key=x")
    with monkeypatch.context() as aws:
        for name, value in environment(lost.engine).items():
            aws.setenv(name, value)
        manifest = before.ok("deployment", "export", folder, "--outputs", str(outputs(lost, tmp_path)))
    assert manifest["kinds"]["installs"] == 1 and manifest["files"]["users.jsonl"]["rows"] >= 1

    after.ok("up")
    answer = after.ok("deployment", "import", folder)
    assert (answer["tenants"], answer["versions"], answer["installs"]) == (1, 1, 1)
    assert "tenant/globex tenant-globex" in answer["machines"] and len(answer["secrets"]) == 1
    assert items(fresh) == items(lost)
    with talking_to(fresh.engine):
        bucket = fresh.record.artifact_bucket
        there = {row["Key"] for row in client("s3").list_objects_v2(Bucket=bucket)["Contents"]}
        rules = client("events").list_rules(EventBusName=names.bus_name("globex"))["Rules"]
    exported = [json.loads(line)["key"] for line in (tmp_path / "export/artifacts.jsonl").read_text().splitlines()]
    assert set(exported) <= there and rules

    tenant_profile(after, "globex")
    done = after.ok("tool", "call", "greet_hello", "--arguments", '{"name": "Ada"}', "--wait")
    assert done["output"]["value"]["text"] == "HI, ADA"
    # Signed by this deployment's key: another tenant can install it.
    after.ok("tenant", "create", "initech")
    consent = ("--yes", *CONFIG, "--secret", "api_key=y")
    assert after.ok("install", "add", "acme/hello", *consent, "--as", "initech")["status"] == "active"
    refused = after("deployment", "import", folder, "--json")
    assert refused.problem["code"] == "registry-not-empty"
