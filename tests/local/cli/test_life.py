"""The whole life of an app by the command line: publish, install, run by tool, API and event, see, stop, remove."""

from __future__ import annotations

import json
import stat
import threading
import time
from typing import Any

from tests.support.cli import Cli, Write


def runs_of(cli: Cli, app: str, trigger: str, deadline_s: float = 30.0) -> list[dict[str, Any]]:
    """Runs of an app that a trigger started, once there is one and all are over."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        rows = [row for row in cli.ok("run", "list") if row["app"] == app and row["trigger"]["name"] == trigger]
        if rows and all(row["ended"] for row in rows):
            return rows
        threading.Event().wait(0.2)
    raise TimeoutError(trigger)


def test_the_life_of_an_app(cli: Cli, app: Write) -> None:
    assert stat.S_IMODE((cli.home / "profiles.json").stat().st_mode) == 0o600
    listed = cli.ok("app", "publish", str(app("life")))
    assert (listed["status"], bool(listed["signature"])) == ("listed", True)
    added = cli.ok(
        "install",
        "add",
        "acme/life",
        "--yes",
        "--config",
        '{"greeting": "Hi"}',
        "--secret",
        "api_key=a-key-that-is-told-to-nobody",
    )
    assert added["status"] == "active"
    assert cli("install", "add", "acme/life", "--yes", "--json").problem["code"] == "already-installed"

    done = cli.ok("tool", "call", "greet_life", "--arguments", '{"name": "Ada"}', "--wait")
    assert done["output"]["value"] == {"text": "HI, ADA", "secret": True}
    assert [step["state"] for step in done["steps"]] == ["greet", "shout"]
    assert all(step["duration_ms"] > 0 and step["output"] for step in done["steps"])
    assert "a-key-that-is-told-to-nobody" not in json.dumps(done)
    wrong = cli("tool", "call", "greet_life", "--arguments", '{"name": 3}', "--json")
    assert (wrong.code, wrong.problem["findings"][0]["code"]) == (3, "tool.arguments")

    first = cli.ok("run", "start", "acme/life", "--workflow", "hello", "--input", '{"name": "Bo"}', "--key", "once")
    again = cli.ok("run", "start", "acme/life", "--workflow", "hello", "--input", '{"name": "Bo"}', "--key", "once")
    assert first["run"] == again["run"]
    cli.ok("event", "send", "guest.arrived", "--data", '{"name": "Cleo"}')
    (by_event,) = runs_of(cli, "acme/life", "event:guest.arrived")
    assert by_event["output"]["value"]["text"] == "HI, CLEO"
    assert len(runs_of(cli, "acme/life", "api")) == 1

    shown = cli("run", "show", done["id"]).out
    assert "greet" in shown
    assert "HI, ADA" in shown
    assert cli.ok("run", "watch", done["id"])["status"] == "succeeded"

    removed = cli.ok("install", "remove", added["id"])
    assert removed["status"] == "removed"
    assert (
        cli("tool", "call", "greet_life", "--arguments", '{"name": "Dai"}', "--json").problem["code"] == "unknown-tool"
    )
    assert added["id"] not in {row["id"] for row in cli.ok("install", "list")}


def test_assets_and_their_history(cli: Cli) -> None:
    from interlock.cli.terminal.profiles import Profiles
    from tests.support.client import JsonClient

    api = JsonClient(Profiles.model_validate_json((cli.home / "profiles.json").read_text()).profiles["globex"])
    base = "/v1/tenants/globex/assets:batch"
    table = {"qualified_name": "wh/a", "type": "table", "tags": ["gold"], "upstream": ["wh/b"]}
    assert api.post(base, {"writes": [table]})["changes"][0]["outcome"] == "created"
    assert api.post(base, {"writes": [table]})["changes"][0]["outcome"] == "unchanged"
    changed = api.post(base, {"writes": [{"qualified_name": "wh/a", "owners": ["ada"]}]})["changes"][0]
    assert (changed["outcome"], changed["changed"], changed["version"]) == ("updated", ["owners"], 2)
    assert [row["qualified_name"] for row in cli.ok("asset", "search", "--tag", "gold")] == ["wh/a"]
    assert cli.ok("asset", "show", "wh/a")["upstream"] == ["wh/b"]
    assert [row["type"] for row in cli.ok("asset", "show", "wh/a", "--history")] == ["asset.updated", "asset.created"]
    stale = api.post(base, {"writes": [{"qualified_name": "wh/a", "delete": True, "if_version": 2}]})["changes"][0]
    assert stale["outcome"] == "deleted"
    assert cli("asset", "show", "wh/a", "--json").code == 4
    end = time.monotonic() + 20
    wanted = {"asset.created", "asset.updated", "asset.deleted"}
    while time.monotonic() < end and not wanted <= {row["name"] for row in cli.ok("event", "tail")}:
        threading.Event().wait(0.2)
    events = [row for row in cli.ok("event", "tail") if row["detail"].get("asset", {}).get("qualified_name") == "wh/a"]
    assert [row["name"] for row in events] == ["asset.created", "asset.updated", "asset.deleted"]


def test_a_schedule_starts_runs(cli: Cli) -> None:
    (*_, first) = runs_of(cli, "acme/clock", "schedule:rate(1 minute)", deadline_s=120.0)
    assert first["status"] == "succeeded"
    assert first["output"]["value"]["by"] == "schedule:rate(1 minute)"
    assert first["output"]["value"]["at"].startswith("20")


def test_a_version_of_forty_workflows_is_deployed(cli: Cli, app: Write) -> None:
    folder = app("many")
    manifest = folder / "interlock.toml"
    more = "".join(f'\n[workflows.w{number}]\nsteps = ["greet"]\n' for number in range(40))
    manifest.write_text(manifest.read_text() + more)
    listed = cli.ok("app", "publish", str(folder))
    assert (listed["status"], len(listed["workflows"])) == ("listed", 43)
