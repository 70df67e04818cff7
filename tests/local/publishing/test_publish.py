"""Publishing on the engine: a trial that fails and one that passes, a person's word, a tampered bundle, the listing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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

[config]
schema = "c.json"

[steps.add]
handler = "golden:add"

[steps.double]
handler = "golden:double"

[workflows.main]
steps = ["add", "double"]

[[tests]]
workflow = "main"
input = "tests/in.json"
expect = "tests/out.json"
config = "tests/config.json"
secrets = { api_key = "stand-in" }
"""
CODE = """
from interlock import Context, step


@step
def add(value: dict, ctx: Context) -> dict:
    return {"n": value["n"] + ctx.config["by"], "key": len(ctx.secrets["api_key"])}


@step
def double(value: dict) -> dict:
    return {"n": value["n"] * 2, "key": value["key"]}
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
            "tests/out.json": json.dumps({"n": n, "key": 8}),
            "tests/config.json": '{"by": 2}',
            "CHANGELOG.md": f"# {version}",
        }
        for name, text in files.items():
            (folder / name).write_text(text)
        (folder / "icon.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        return folder

    return write


def left_in_the_sandbox(platform: Platform) -> list[Any]:
    with talking_to(platform.engine):
        return Registry(platform.record.registry_table).installs(names.SANDBOX, gone=True)


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
    assert "Use the secret api_key that you give it (sensitive); the publisher asked for it" in approval["question"]
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
    assert shown["listing"]["plain"] == ["Use the secret api_key that you give it"]
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
