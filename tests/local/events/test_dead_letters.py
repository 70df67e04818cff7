"""The tour of docs/reliability.md by the command line: dead letters, an app that feeds itself, a replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from interlock.contract.core.limits import MAX_HOPS
from tests.support.cli import Cli
from tests.support.kit import eventually

MANIFEST = """
[app]
id = "acme/NAME"
version = "1.0.0"
title = "Tour"
category = "automation"

[permissions]
emit = ["tour.echoed"]

[steps.note]
handler = "tour:note"

[workflows.main]
steps = ["note"]

[[workflows.main.triggers]]
event = "EVENT"
"""
CODE = """
from interlock import Context, step


@step
def note(value: dict, ctx: Context) -> dict:
    if value["type"] == "tour.echoed":
        ctx.emit("tour.echoed", {})
    return value["data"]
"""


@pytest.fixture(scope="module")
def install(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """Publishes and installs an app that listens for an event; the install's id."""

    def made(name: str, event: str) -> str:
        folder = tmp_path_factory.mktemp(name)
        (folder / "interlock.toml").write_text(MANIFEST.replace("NAME", name).replace("EVENT", event))
        (folder / "tour.py").write_text(CODE)
        cli.ok("app", "publish", str(folder))
        return str(cli.ok("install", "add", f"acme/{name}", "--yes")["id"])

    return made


def letters(cli: Cli, install: str, state: str = "dead") -> list[dict[str, Any]]:
    return cli.ok("event", "dead", "list", "--install", install, "--state", state)


def runs(cli: Cli, app: str) -> list[dict[str, Any]]:
    result = cli.ok("run", "list", "--app", f"acme/{app}")
    return [row for row in result if row["status"] in ("succeeded", "failed")]


def test_the_tour_of_dead_letters_and_a_replay(cli: Cli, install: Callable[[str, str], str]) -> None:
    one = install("tour", "tour.asked")
    install("tourist", "tour.asked")
    cli.ok("install", "stop", one, "--reason", "the weekend")
    for number in range(2):
        cli.ok("event", "send", "tour.asked", "--data", json.dumps({"n": number}))
    result = eventually(lambda: rows if len(rows := letters(cli, one)) == 2 else None, "two letters")
    assert {row["code"] for row in result} == {"event.install-stopped"}
    eventually(lambda: rows if len(rows := runs(cli, "tourist")) == 2 else None, "the other install's runs")

    by_number = {
        cli.ok("event", "dead", "show", row["id"])["payload"]["event"]["detail"]["data"]["n"]: row for row in result
    }
    stored, dropped = by_number[0]["id"], by_number[1]["id"]
    text = cli("event", "dead", "show", stored).out
    assert "the weekend" in text and "event.install-stopped" in text and f"redrive {stored}" in text
    cli.ok("event", "dead", "drop", dropped, "--yes")
    assert [row["id"] for row in letters(cli, one, "dropped")] == [dropped]
    assert cli("event", "dead", "redrive", dropped).code != 0

    cli.ok("install", "start", one)
    assert cli.ok("event", "dead", "redrive", stored)["sent"] == 1
    (run,) = eventually(lambda: runs(cli, "tour") or None, "the redriven run")
    assert (run["id"], run["status"]) == (stored, "succeeded")
    again = cli("event", "dead", "redrive", stored, "--json")
    assert again.code != 0 or again.json["sent"] == 0
    assert letters(cli, one) == []

    fields = ("event", "replay", "--install", one, "--since", "1h", "--name", "tour.asked")
    counted = cli.ok(*fields, "--dry-run")
    assert (counted["matched"], counted["starts"], counted["status"]) == (2, 2, "done")
    assert len(runs(cli, "tour")) == 1
    sent = cli.ok(*fields, "--key", "monday")
    assert sent["starts"] == 2
    eventually(lambda: rows if len(rows := runs(cli, "tour")) == 3 else None, "the replayed runs")
    assert cli.ok(*fields, "--key", "monday")["id"] == sent["id"]
    only = cli.ok(*fields, "--where", '{"data": {"n": [1]}}', "--dry-run")
    assert only["matched"] == 1
    # The message of a replay goes round 144 times for 30 days: Lambda would end a function that does not allow it.
    month = cli.ok("event", "replay", "--install", one, "--since", "30d", "--name", "tour.asked", "--dry-run")
    assert (month["status"], month["hours_read"] >= 720, month["matched"]) == ("done", True, 2)
    assert (len(runs(cli, "tour")), len(runs(cli, "tourist"))) == (3, 2), "the replay went to one install alone"


def test_an_app_that_feeds_itself_is_stopped_and_reported(cli: Cli, install: Callable[[str, str], str]) -> None:
    result = install("echo", "tour.echoed")
    cli.ok("event", "send", "tour.echoed")
    (stopped,) = eventually(lambda: cli.ok("event", "stopped") or None, "the stopped trigger")
    assert (stopped["install"], stopped["trigger"]) == (result, "event:tour.echoed")
    (letter,) = eventually(lambda: letters(cli, result) or None, "the letter")
    shown = cli.ok("event", "dead", "show", letter["id"])
    assert (letter["code"], len(shown["letter"]["chain"])) == ("event.loop", MAX_HOPS + 1)
    assert {hop["app"] for hop in shown["letter"]["chain"]} == {"acme/echo"}
    eventually(lambda: _looped(cli) or None, "the event that tells of the loop")
    assert len(_looped(cli)) == 1
    cli.ok("event", "start", result, "main", stopped["trigger"])
    assert cli.ok("event", "stopped") == []


def _looped(cli: Cli) -> list[Any]:
    return [row for row in cli.ok("event", "tail") if row["name"] == "run.looped"]
