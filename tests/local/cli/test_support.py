"""A support session as its tenant and the app's publisher type it: what is seen, what is stopped, and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import Cli
from tests.support.kit import eventually

MANIFEST = """
[app]
id = "acme/helped"
version = "1.0.0"
title = "Helped"
category = "automation"

[steps.one]
handler = "helped:one"

[workflows.main]
steps = ["one"]
"""
CODE = """
from interlock import step


@step
def one(value: dict) -> dict:
    print("it got", value["rows"])
    return {"per_row": 10 / value["rows"]}
"""
AS_PUBLISHER = ("--as", "acme", "--tenant", "globex")


@pytest.fixture(scope="module")
def helped(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app, installed; its id."""
    place: Path = tmp_path_factory.mktemp("helped")
    (place / "interlock.toml").write_text(MANIFEST)
    (place / "helped.py").write_text(CODE)
    cli.ok("app", "publish", str(place))
    cli.ok("install", "add", "acme/helped", "--yes")
    return "acme/helped"


def run_of(cli: Cli, rows: int, *arguments: str) -> dict[str, str]:
    return cli("run", "start", "acme/helped", "--input", json.dumps({"rows": rows}), "--json", *arguments).json


def waiting_pause(cli: Cli, run: str) -> dict[str, str] | None:
    """What a run waits for, as the app's publisher sees it.

    A run that has not begun is not known to be of the app, so the publisher is refused until then.
    """
    listed = cli("pause", "list", run, *AS_PUBLISHER, "--json")
    if listed.code:
        assert '"forbidden"' in listed.err, listed.err
        return None
    return next((row for row in listed.json if row["status"] == "waiting"), None)


def test_publisher_helps_a_tenant_within_a_session(cli: Cli, helped: str) -> None:
    cli.ok("break", "add", f"{helped}@1.0.0", "--every")
    failed = run_of(cli, 0, "--wait")["id"]
    reads = ("show", "explain", "logs")
    assert {cli("run", word, failed, *AS_PUBLISHER).code for word in reads} == {1}
    session = cli.ok("support", "open", helped, "--for", "30m", "--reason", "ticket 4711")
    assert cli.ok("support", "list") == cli.ok("support", "list", "--publisher", "acme") == [session]
    for word in reads:
        assert cli("run", word, failed, *AS_PUBLISHER).out == cli("run", word, failed).out
    assert "it got 0" in cli("run", "logs", failed, *AS_PUBLISHER).out
    assert [row["id"] for row in cli.ok("run", "list", "--app", helped, *AS_PUBLISHER)] == [failed]
    stopped = run_of(cli, 5)["run"]
    pause = eventually(lambda: waiting_pause(cli, stopped), "the run is paused, and its publisher sees it")
    armed = cli("break", "add", f"{helped}@1.0.0", "--at", "error", "--for", "10m").out
    assert "1 of 1 runs under way in the sandbox and 1 tenant that you may debug" in armed
    resume = ("pause", "resume", stopped, pause["id"])
    assert cli(*resume, *AS_PUBLISHER).code == 1
    assert cli(*resume).code == 0
    cli.ok("support", "close", helped)
    assert {cli("run", word, failed, *AS_PUBLISHER).code for word in reads} == {1}
    assert run_of(cli, 2, "--wait")["status"] == "succeeded"
    logged = cli.ok("audit", "list", "--tenant", "globex", "--limit", "200")
    assert any(row["path"].endswith(f"{failed}/logs") and row["name"] == "publisher-acme" for row in logged)
    assert {"POST", "DELETE"} <= {row["method"] for row in logged if row["action"] == "setSupport"}
