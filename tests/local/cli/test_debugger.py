"""The debugger by the command line: break, pause, fork, diff, verify, search, and what people get wrong."""

from __future__ import annotations

import json
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli

MANIFEST = """
[app]
id = "acme/NAME"
version = "VERSION"
title = "Totals"
category = "automation"

[steps.load]
handler = "totals:load"

[steps.total]
handler = "totals:total"

[workflows.main]
steps = ["load", "total"]
"""
CODE = """
from pydantic import BaseModel
from interlock import Context, step


class Order(BaseModel):
    id: str
    lines: list[float | None]


@step
def load(value: dict, ctx: Context) -> Order:
    return Order(id=value.get("id", "o1"), lines=value.get("lines", [1, 2]))


@step
def total(order: Order, ctx: Context) -> dict:
    return {"id": order.id, "total": sum(order.lines)}
"""
FIXED = CODE.replace("sum(order.lines)", "sum(line or 0 for line in order.lines)")


def folder(tmp_path: Path, name: str, version: str, code: str) -> str:
    result = tmp_path / f"{name}-{version}"
    result.mkdir()
    (result / "interlock.toml").write_text(MANIFEST.replace("NAME", name).replace("VERSION", version))
    (result / "totals.py").write_text(code)
    return str(result)


def started(cli: Cli, value: dict[str, Any], *arguments: str) -> dict[str, Any]:
    return cli("run", "start", "acme/totals", "--input", json.dumps(value), "--wait", "--json", *arguments).json


def paused(cli: Cli, run: str) -> dict[str, Any]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        rows = [row for row in cli.ok("pause", "list", run) if row["status"] == "waiting"]
        if rows:
            return rows[0]
        threading.Event().wait(0.2)
    raise TimeoutError(run)


@pytest.fixture(scope="module")
def totals(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app, installed; the install's id."""
    place = tmp_path_factory.mktemp("totals")
    cli.ok("app", "publish", folder(place, "totals", "1.0.0", CODE))
    # Pinned, or it would follow to 1.0.1 by itself and the bug would be gone.
    install = str(cli.ok("install", "add", "acme/totals", "--channel", "pinned", "--yes")["id"])
    cli.ok("app", "publish", folder(place, "totals", "1.0.1", FIXED))
    return install


def test_from_a_failed_run_to_a_proven_fix(cli: Cli, totals: str) -> None:
    good = started(cli, {"lines": [1, 2]})
    bad = started(cli, {"lines": [1, None]}, "--tag", "nightly")
    assert (good["status"], bad["status"], bad["failed"]["state"]) == ("succeeded", "failed", "total")
    text = cli("run", "explain", bad["id"]).out
    assert "totals.py:" in text and f"interlock run fork {bad['id']}" in text
    groups = cli.ok("run", "failures")
    mine = next(row for row in groups if row["app"] == "acme/totals")
    assert (mine["count"], mine["state"], mine["fingerprint"]) == (1, "total", bad["fingerprint"])
    for filters in (
        ("--app", "acme/totals", "--status", "failed"),
        ("--fingerprint", bad["fingerprint"]),
        ("--tag", "nightly"),
        ("--state", "total", "--error", "TypeError"),
    ):
        assert [row["id"] for row in cli.ok("run", "list", *filters)] == [bad["id"]], filters
    differ = cli("run", "diff", good["id"], bad["id"], "--json")
    assert differ.code == 3
    fields = {(row["aspect"], row["where"], row["field"]) for row in differ.json["differences"]}
    assert {("run", "input", "/lines/1"), ("output", "load", "/lines/1"), ("run", "status", "")} <= fields
    states = cli.ok("run", "show", bad["id"], "--states")
    assert [(row["state"], row["type"], row["status"]) for row in states] == [
        ("load", "Task", "succeeded"),
        ("total", "Task", "failed"),
    ]
    load, failed = (row["flow"] for row in states)
    assert (load["input"], load["next"], load["exact"]) == (bad["input"]["value"], "total", True)
    assert failed["input"] == load["output"]
    assert failed["error"] == bad["failed"]["error"]
    assert cli.ok("run", "show", bad["id"], "--states") == states
    shown = cli("run", "show", bad["id"], "--states").out
    assert "input" in shown and bad["failed"]["error"] in shown
    verdicts = cli("run", "verify", "--version", "1.0.1", "--last", "5", "--app", "acme/totals", "--json")
    assert verdicts.code == 3
    result = {row["run"]: row for row in verdicts.json}
    assert result[good["id"]]["same"] and not result[bad["id"]]["same"]
    dry = result[good["id"]]["fork"]
    marked = cli("run", "diff", good["id"], dry)
    assert f"{dry} (dry)" in marked.out and f"{good['id']} (dry)" not in marked.out
    assert cli("run", "verify", "--version", "1.0.1", "--against", good["id"]).code == 0
    fork = cli("run", "fork", bad["id"], "--version", "1.0.1", "--wait", "--json").json
    assert (fork["status"], fork["version"], fork["fork"]["at"]) == ("succeeded", "1.0.1", "total")
    assert [bool(step["reused"]) for step in fork["steps"]] == [True, False]
    every = ("run", "fork", "--all", "--app", "acme/totals", "--version", "1.0.1", "--limit", "10")
    assert cli.ok(*every)["skipped"]["redriven"] == 1
    other = started(cli, {"lines": [3, None]})
    refused = cli(*every, "--json")
    assert refused.problem["code"] == "bad-request" and "1 can be forked" in refused.problem["detail"]
    nothing = cli("run", "fork", "--all", "--app", "acme/totals", "--error", "Nothing", "--yes", "--json")
    assert (nothing.code, nothing.problem["code"]) == (4, "no-run-matches")
    job = cli.ok(*every, "--yes")
    assert job["id"] in [row["id"] for row in cli.ok("run", "fork-job", "list")]
    assert (job["status"], job["forked"], job["failed"]) == ("done", 1, 0)
    assert [row["run"] for row in job["rows"] if row["fork"]] == [other["id"]]
    started(cli, {"lines": [4, None]})
    report = cli(*every, "--yes")
    assert "1 can be forked" in report.err and "1 forked" in report.out and "accepted" in report.out


def test_break_and_pause(cli: Cli, totals: str) -> None:
    rule = cli.ok("break", "add", totals, "--state", "to*", "--if", "$count(input.lines) > 2", "--for", "10m")
    assert (rule["state"], rule["once"]) == ("to*", True)
    free = started(cli, {"lines": [1]})
    assert free["status"] == "succeeded"
    run = started(cli, {"lines": [1, 2, 3]})
    assert run["status"] == "paused"
    pause = paused(cli, run["id"])
    assert pause["id"] in {row["id"] for row in cli.ok("pause", "list")}
    assert "armed by" in cli("pause", "show", run["id"], pause["id"]).out
    assert [row["spent"] for row in cli.ok("break", "list", totals)] == [True]
    edited = json.dumps({"id": "o2", "lines": [40, 2]})
    cli.ok("pause", "resume", run["id"], pause["id"], "--input", edited)
    done = cli("run", "watch", run["id"], "--json").json
    assert done["output"]["value"] == {"id": "o2", "total": 42}
    again = cli("pause", "resume", run["id"], pause["id"], "--json")
    assert (again.code, again.problem["code"]) == (1, "pause-taken")
    cli.ok("break", "remove", totals, rule["id"])
    assert cli.ok("break", "list", totals) == []
    refused = cli("break", "add", "acme/totals@1.0.0", "--state", "nowhere", "--json")
    assert (refused.code, refused.problem["code"]) == (1, "breakpoint-state")
    version = cli.ok("break", "add", "acme/totals@1.0.0", "--state", "total", "--for", "10m")
    cli.ok("break", "remove", "acme/totals@1.0.0", version["id"])


def test_wrong_commands_are_refused_with_a_next_step(cli: Cli, totals: str) -> None:
    done = started(cli, {"lines": [1, None]})
    run, unknown = done["id"], "a" * 20
    wrong: dict[tuple[str, ...], tuple[int, str]] = {
        ("run", "fork", unknown, "--at", "total"): (4, "not-found"),
        ("run", "fork", run, "--at", "nowhere"): (4, "unknown-state"),
        ("run", "fork", run, "--at", "total", "--input-patch", '{"lines": "many"}'): (3, "edit-type"),
        ("run", "fork", run, "--at", "total", "--input-patch", "{"): (1, "bad-request"),
        ("run", "fork", run, "--version", "7.0.0"): (4, "not-found"),
        ("run", "fork"): (1, "bad-request"),
        ("run", "diff", run, unknown): (4, "not-found"),
        ("run", "verify", "--version", "1.0.1"): (1, "bad-request"),
        ("run", "verify", "--version", "7.0.0", "--against", run): (4, "not-found"),
        ("run", "explain", unknown): (4, "not-found"),
        ("run", "debug", unknown): (4, "not-found"),
        ("run", "debug", run, "--state", "nowhere"): (4, "unknown-state"),
        ("run", "export", unknown): (4, "not-found"),
        ("break", "add", run, "--state", "total"): (1, "run-over"),
        ("break", "add", unknown, "--state", "total"): (4, "not-found"),
        ("break", "add", totals, "--if", "input.n >"): (1, "breakpoint-condition"),
        ("break", "add", totals, "--for", "soon"): (1, "bad-request"),
        ("break", "remove", totals, "01NOTHERE"): (4, "unknown-breakpoint"),
        ("pause", "show", run, "01NOTHERE"): (4, "not-found"),
    }
    runs = len(cli.ok("run", "list", "--app", "acme/totals", "--limit", "100"))
    for fields, (code, problem) in wrong.items():
        answer = cli(*fields, "--json")
        assert (answer.code, answer.problem["code"]) == (code, problem), (fields, answer.err)
        assert answer.problem["detail"], fields
    assert len(cli.ok("run", "list", "--app", "acme/totals", "--limit", "100")) == runs


def test_another_tenants_run_is_not_there(cli: Cli, totals: str, tmp_path: Path) -> None:
    run = started(cli, {"lines": [1, None]})["id"]
    # A home of its own: a second tenant's profile would make every later command ask which one is meant.
    for name in ("profiles.json", "platform.json"):
        shutil.copy(cli.home / name, tmp_path / name)
    cli = Cli(tmp_path)
    cli.ok("tenant", "create", "initech")
    for fields in (
        ("run", "show", run),
        ("run", "stop", run),
        ("run", "fork", run),
        ("run", "explain", run),
        ("run", "debug", run),
        ("run", "export", run),
        ("break", "add", run),
        ("break", "add", totals),
        ("pause", "list", run),
    ):
        answer = cli(*fields, "--as", "initech", "--json")
        assert (answer.code, answer.problem["code"]) == (4, "not-found"), (fields, answer.err)
    refused = cli("run", "show", run, "--as", "initech", "--tenant", "globex", "--json")
    assert (refused.code, refused.problem["code"]) == (1, "forbidden")
