"""Publishing on the engine: a trial that fails and one that passes, a person's word, a tampered bundle, the listing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.cli.terminal.profiles import Profiles
from interlock.cli.terminal.wait import until
from interlock.contract.core import names
from interlock.local.environment import talking_to
from interlock.local.platform import Platform
from tests.support.cli import Cli

MANIFEST = """
[app]
id = "acme/golden"
version = "VERSION"
title = "Golden"
summary = "Counts and doubles"
category = "automation"

[listing]
icon = "icon.png"
changelog = "CHANGELOG.md"

[permissions]
secrets = ["api_key"]
catalog = ["read", "write"]
egress = ["api.example.com:443"]
state = true

[config]
schema = "c.json"

[steps.add]
handler = "golden:add"

[steps.double]
handler = "golden:double"

[workflows.main]
definition = "main.asl.json"

[[tests]]
workflow = "main"
input = "tests/in.json"
expect = "tests/out.json"
config = "tests/config.json"
secrets = { api_key = "stand-in" }
assets = "tests/assets.json"
state = "tests/state.json"
http = "tests/http.json"
approvals = { Ask = "approve" }
"""
WORKFLOW = {
    "StartAt": "Add",
    "States": {
        "Add": {"Type": "Task", "Resource": "${add}", "ResultPath": "$", "Next": "Ask"},
        "Ask": {
            "Type": "Task",
            "Resource": "${platform.approve}",
            "Parameters": {"question": "Double it?"},
            "ResultPath": None,
            "Next": "Call",
        },
        "Call": {
            "Type": "Task",
            "Resource": "${platform.http}",
            "Parameters": {"url": "https://api.example.com/two"},
            "ResultPath": "$.two",
            "Next": "Double",
        },
        "Double": {"Type": "Task", "Resource": "${double}", "End": True},
    },
}
FIXTURES = {
    "assets": [{"qualified_name": "db/t", "type": "table", "owners": ["ada"], "tags": ["pii"]}],
    "state": {"seen/t": 3},
    "http": [
        {"url": "https://api.example.com/one", "method": "GET", "body": {"one": 1}},
        {"url": "https://api.example.com/two", "body": {"two": 2}},
    ],
}
CODE = """
from interlock import AssetWrite, Context, step


@step
def add(value: dict, ctx: Context) -> dict:
    table = ctx.catalog.get("db/t")
    tagged = [asset.qualified_name for asset in ctx.catalog.search(tag="pii")]
    ctx.catalog.upsert(AssetWrite(qualified_name="db/own", type="table", tags=("pii",)))
    one = ctx.http.get("https://api.example.com/one").json()["one"]
    assert ctx.state.get("seen/t") == 3
    total = value["n"] + ctx.config["by"] - 1 + one
    return {"n": total, "key": len(ctx.secrets["api_key"]), "owners": list(table.owners), "tagged": tagged}


@step
def double(value: dict) -> dict:
    two = value.pop("two")["body"]["two"]
    return {**value, "n": value["n"] * two}
"""
Golden = Callable[..., Path]


@pytest.fixture
def golden(tmp_path: Path) -> Golden:
    """Writes the app; `n` is what its golden test expects."""

    def write(version: str, n: int = 6) -> Path:
        folder = tmp_path / version
        (folder / "tests").mkdir(parents=True)
        files = {
            "interlock.toml": MANIFEST.replace("VERSION", version),
            "golden.py": CODE,
            "c.json": '{"type": "object", "properties": {"by": {"type": "integer"}}, "required": ["by"]}',
            "tests/in.json": '{"n": 1}',
            "tests/out.json": json.dumps({"n": n, "key": 8, "owners": ["ada"], "tagged": ["db/t"]}),
            "main.asl.json": json.dumps(WORKFLOW),
            **{f"tests/{name}.json": json.dumps(value) for name, value in FIXTURES.items()},
            "tests/config.json": '{"by": 2}',
            "CHANGELOG.md": f"# {version}",
        }
        for name, text in files.items():
            (folder / name).write_text(text)
        (folder / "icon.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        return folder

    return write


def left_in_the_sandbox(platform: Platform) -> list[Any]:
    """Installs and items of the catalog."""
    with talking_to(platform.engine):
        installs = Registry(platform.record.registry_table).installs(names.SANDBOX, gone=True)
        items = client("dynamodb").scan(TableName=names.catalog_table(names.SANDBOX))["Items"]
        return [*installs, *items]


def test_a_version_is_tried_reviewed_certified_listed_and_found(cli: Cli, golden: Golden, platform: Platform) -> None:
    refused = cli("app", "publish", str(golden("1.0.0", n=7)), "--json")
    assert refused.code == 3
    (finding,) = refused.problem["findings"]
    assert finding["code"] == "trial.differs"
    assert "/n is 6, expected 7" in finding["what"]
    run = finding["fix"].split()[-3]
    assert cli.ok("run", "show", run, "--as", "operator", "--tenant", names.SANDBOX)["status"] == "succeeded"
    assert left_in_the_sandbox(platform) == []
    waiting = cli.ok("app", "publish", str(golden("1.0.1")), "--review")
    assert (waiting["status"], waiting["trial"]["runs"][0]["passed"]) == ("review", True)
    approval = _asked(cli, waiting["review"]["approval"])
    assert approval["subject"] == "acme/golden@1.0.1"
    assert "Use the secret api_key that you give it (sensitive)" in approval["question"]
    assert "to api.example.com (new); the publisher asked for it" in approval["question"]
    approve = ("approval", "approve", approval["id"], "--platform")
    assert cli(*approve, "--as", "acme").code == 1
    cli.ok(*approve, "--comment", "fine")
    listed = _listed(cli)
    assert (listed["level"], listed["review"]["comment"]) == ("reviewed", "fine")
    assert listed["review"]["by"]
    assert list(listed["stages"]) == ["checking", "deploying", "trial", "review", "listed"]
    assert left_in_the_sandbox(platform) == []
    assert cli.ok("app", "sbom", "acme/golden@1.0.1")["bomFormat"] == "CycloneDX"
    _find(cli)
    _tamper(cli, platform)


def _asked(cli: Cli, approval: str) -> dict[str, Any]:
    """The approval, once the workflow has come to its question."""

    def there() -> dict[str, Any] | None:
        rows = cli.ok("approval", "list", "--platform")
        return next((row for row in rows if row["id"] == approval), None)

    return until(there, seconds=30, what="the question", next_step="")


def _listed(cli: Cli) -> dict[str, Any]:
    """The version when the machine that waited has gone on to its end."""

    def ended() -> dict[str, Any] | None:
        result = cli.ok("app", "show", "acme/golden@1.0.1")
        return result if result["status"] == "listed" else None

    return until(ended, seconds=30, what="certifying", next_step="")


def _find(cli: Cli) -> None:
    shown = cli.ok("app", "listing", "acme/golden", "--as", "globex")
    assert "Use the secret api_key that you give it" in shown["listing"]["plain"]
    assert shown["changelog"] == "# 1.0.1"
    assert shown["icon"].startswith("http")
    cli.ok("app", "visibility", "acme/golden", "--set", "private")
    assert cli("app", "listing", "acme/golden", "--as", "globex").code == 4
    add = ("install", "add", "acme/golden", "--yes", "--config", '{"by": 1}', "--as", "globex")
    assert cli(*add).code == 4
    cli.ok("app", "visibility", "acme/golden", "--set", "invited", "--invite", "globex")
    before = cli.ok("app", "search", "golden", "--as", "globex")[0]["installs"]
    install = cli.ok(*add)["id"]
    assert cli.ok("app", "search", "golden", "--as", "globex")[0]["installs"] == before + 1
    cli.ok("install", "remove", install, "--as", "globex")
    assert "acme/golden" in {row["app"] for row in cli.ok("app", "catalogue")}


def _tamper(cli: Cli, platform: Platform) -> None:
    with talking_to(platform.engine):
        registry = Registry(platform.record.registry_table)
        stored = registry.version("acme/golden", "1.0.1")
        changed = stored.item.model_copy(update={"digest": "0" * 64})
        registry.write_version(Stored(item=changed, rev=stored.rev))
    refused = cli("install", "add", "acme/golden", "--yes", "--config", '{"by": 1}', "--as", "globex", "--json")
    assert refused.problem["code"] == "version-tampered"


def test_machines_come_and_go_and_every_change_is_in_the_log(cli: Cli) -> None:
    cli.ok("publisher", "credential", "create", "ci", "--of", "acme", "--keep")
    assert cli.ok("whoami", "--as", "ci")["memberships"][0]["role"] == "member"
    assert cli("publisher", "member", "list", "--of", "acme", "--as", "ci").code == 0
    assert cli("publisher", "credential", "create", "more", "--of", "acme", "--as", "ci").code == 1
    secret = Profiles.model_validate_json((cli.home / "profiles.json").read_text()).profiles["ci"].client_secret
    cli.ok("publisher", "credential", "revoke", "ci", "--of", "acme", "--yes")
    assert cli("whoami", "--as", "ci").code == 5
    log = cli("audit", "list", "--publisher", "acme", "--json")
    first, second, *_ = log.json
    assert (first["method"], second["method"]) == ("DELETE", "POST")
    assert (first["outcome"], first["name"]) == ("done", "publisher-acme")
    assert secret not in log.out
