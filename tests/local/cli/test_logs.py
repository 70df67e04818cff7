"""`run logs` on the engine: prints, log lines and tracebacks of every state and attempt; a dry fork's are marked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import Cli

MANIFEST = """
[app]
id = "acme/talker"
version = "1.0.0"
title = "Talker"
category = "automation"

[steps.one]
handler = "talker:one"

[steps.two]
handler = "talker:two"

[workflows.main]
steps = ["one", "two"]
"""
CODE = """
import sys
import threading

from interlock import Context, step


@step
def one(value: dict, ctx: Context) -> dict:
    print("plain")
    print("to stderr", file=sys.stderr)
    ctx.log.info("counted", rows=value["rows"], password="hunter2")
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()
    return value


@step
def two(value: dict, ctx: Context) -> dict:
    print("before the error", end="")
    if value["rows"] < 0:
        raise ValueError("too few")
    return value
"""


@pytest.fixture(scope="module")
def talker(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> None:
    place: Path = tmp_path_factory.mktemp("talker")
    (place / "interlock.toml").write_text(MANIFEST)
    (place / "talker.py").write_text(CODE)
    cli.ok("app", "publish", str(place))
    cli.ok("install", "add", "acme/talker", "--yes")


def run_of(cli: Cli, rows: int) -> str:
    value = json.dumps({"rows": rows})
    return cli("run", "start", "acme/talker", "--input", value, "--wait", "--json").json["id"]


@pytest.mark.usefixtures("talker")
def test_the_log_of_a_run_has_what_its_steps_wrote(cli: Cli) -> None:
    run, other = run_of(cli, -1), run_of(cli, 7)
    lines = cli.ok("run", "logs", run)
    rows = [(line["state"], line["logger"], line["message"]) for line in lines]
    assert rows[:4] == [
        ("one", "print", "plain"),
        ("one", "stderr", "to stderr"),
        ("one", "interlock.step", "counted"),
        ("one", "print", "from a thread"),
    ]
    assert ("two", "print", "before the error") in rows
    counted = next(line for line in lines if line["message"] == "counted")
    assert counted["fields"]["rows"] == -1
    assert "hunter2" not in json.dumps(lines)
    assert [line["state"] for line in cli.ok("run", "logs", run, "--state", "two")].count("one") == 0
    text = cli("run", "logs", other).out
    assert "counted rows=7" in text
    assert "too few" not in text
    assert "two  before the error" in cli("run", "show", run).out.replace(" attempt 2", "")


@pytest.mark.usefixtures("talker")
def test_lines_are_followed_to_the_end_of_a_run(cli: Cli) -> None:
    run = cli.ok("run", "start", "acme/talker", "--input", '{"rows": 3}')["run"]
    done = cli("run", "logs", run, "--follow", "--json")
    assert done.code == 0
    assert [json.loads(line)["message"] for line in done.out.splitlines()] == [
        "plain", "to stderr", "counted", "from a thread", "before the error",
    ]  # fmt: skip


@pytest.mark.usefixtures("talker")
def test_the_lines_of_a_dry_fork_are_its_own_and_marked(cli: Cli) -> None:
    parent = run_of(cli, -1)
    fork = cli("run", "fork", parent, "--at", "two", "--dry", "--wait", "--json").json["id"]
    lines = cli.ok("run", "logs", fork)
    assert {(line["state"], line["dry"]) for line in lines} == {("two", True)}
    assert not any(line["dry"] for line in cli.ok("run", "logs", parent))
