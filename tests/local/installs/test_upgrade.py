"""The whole life of an app with three tenants, one on each channel: what each of them runs after each step."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.cli.terminal.profiles import Profiles
from interlock.cli.terminal.wait import until
from interlock.contract.core.base import moment
from interlock.contract.core.failure import NotFound
from interlock.contract.core.settings import LifecycleSettings
from interlock.control.installs.context import install_context
from interlock.control.installs.maintenance import maintain_installs
from interlock.local.environment import talking_to
from interlock.local.platform import Platform
from tests.support.cli import Cli
from tests.support.client import JsonClient

APP = "acme/greeter"
CHANNELS = ("stable", "beta", "pinned")
MANIFEST = """
[app]
id = "acme/greeter"
version = "VERSION"
title = "Greeter"
category = "automation"

[permissions]
state = true
PERMISSIONS

[steps.greet]
handler = "greeter:greet"

[workflows.hello]
steps = ["greet"]

[[workflows.hello.triggers]]
event = "guest.seen"
"""
STEP = """
from interlock import Context, step


@step
def greet(value: dict, ctx: Context) -> dict:
    BODY
"""
GOOD = 'return {"text": "GREETING " + value["name"], "version": ctx.info.version}'


def published(cli: Cli, folder: Path, version: str, *, body: str = GOOD, permissions: str = "") -> dict[str, Any]:
    """Publish a version of the app."""
    place = folder / version
    place.mkdir()
    (place / "interlock.toml").write_text(MANIFEST.replace("VERSION", version).replace("PERMISSIONS", permissions))
    (place / "greeter.py").write_text(STEP.replace("BODY", body.replace("GREETING", "Hello,")))
    return cli.ok("app", "publish", str(place))


class InstallContext:
    """Three tenants with the app, each on its channel."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.installs: dict[str, str] = {}
        self.clients: dict[str, JsonClient] = {}

    def add(self, channel: str) -> None:
        self.cli.ok("tenant", "create", channel)
        fields = ("install", "add", APP, "--yes", "--channel", channel, "--as", channel)
        self.installs[channel] = self.cli.ok(*fields)["id"]

    def api(self, channel: str) -> JsonClient:
        result = Profiles.model_validate_json((self.cli.home / "profiles.json").read_text())
        return self.clients.setdefault(channel, JsonClient(result.profiles[channel]))

    def show(self, channel: str) -> dict[str, Any]:
        return self.api(channel).get(f"/v1/tenants/{channel}/installs/{self.installs[channel]}")

    def do(self, verb: str, channel: str, *arguments: str) -> dict[str, Any]:
        return self.cli.ok("install", verb, self.installs[channel], *arguments, "--as", channel)

    def becomes(self, expected: dict[str, tuple[str, str]], seconds: float = 30.0) -> None:
        """Wait until each tenant's install has a version, and an offer or none."""
        end = time.monotonic() + seconds
        result: dict[str, tuple[str, str]] = {}
        while time.monotonic() < end:
            rows = {channel: self.show(channel) for channel in expected}
            result = {key: (row["version"], (row["offer"] or {}).get("version", "")) for key, row in rows.items()}
            if result == expected and not any(row["moving"] for row in rows.values()):
                return
            threading.Event().wait(0.2)
        raise AssertionError(f"{result}, not {expected}")

    def run(self, channel: str, name: str = "Ada", status: str = "succeeded") -> dict[str, Any]:
        api, base = self.api(channel), f"/v1/tenants/{channel}/runs"
        run = api.post(base, {"app": APP, "workflow": "hello", "input": {"name": name}})["run"]
        result = until(lambda: self._over(api, f"{base}/{run}"), seconds=30, what=run, next_step="")
        assert result["status"] == status, result["failed"]
        return result

    def _over(self, api: JsonClient, path: str) -> dict[str, Any] | None:
        try:
            result = api.get(path)
        except NotFound:
            return None
        return result if result["ended"] else None


@pytest.fixture(scope="module")
def life(cli: Cli, own_profiles: None) -> InstallContext:
    return InstallContext(cli)


def test_the_life_of_an_app_with_three_tenants(life: InstallContext, tmp_path: Path) -> None:
    cli = life.cli
    published(cli, tmp_path, "1.0.0")
    for channel in CHANNELS:
        life.add(channel)
    life.becomes(dict.fromkeys(CHANNELS, ("1.0.0", "")))

    published(cli, tmp_path, "1.1.0")
    life.becomes({"stable": ("1.1.0", ""), "beta": ("1.1.0", ""), "pinned": ("1.0.0", "")})
    published(cli, tmp_path, "1.2.0-rc.1")
    life.becomes({"stable": ("1.1.0", ""), "beta": ("1.2.0-rc.1", ""), "pinned": ("1.0.0", "")})
    assert [life.run(channel)["output"]["value"]["version"] for channel in CHANNELS] == ["1.1.0", "1.2.0-rc.1", "1.0.0"]

    louder = (
        'ctx.emit("guest.greeted", {"name": value["name"]})\n    return {"text": "GREETING " + value["name"] + "!"}'
    )
    published(cli, tmp_path, "2.0.0", body=louder, permissions='emit = ["guest.greeted"]')
    life.becomes({"stable": ("1.1.0", "2.0.0"), "beta": ("1.2.0-rc.1", "2.0.0"), "pinned": ("1.0.0", "")})
    assert life.show("stable")["offer"]["permissions"] == ["emit:guest.greeted"]
    assert life.run("stable")["output"]["value"]["version"] == "1.1.0", "the old code goes on with the old permissions"
    # A fix for those who have not consented.
    published(cli, tmp_path, "1.1.1")
    life.becomes({"stable": ("1.1.1", "2.0.0"), "beta": ("1.2.0-rc.1", "2.0.0"), "pinned": ("1.0.0", "")})

    rehearsed = cli("install", "rehearse", life.installs["stable"], "--last", "2", "--as", "stable", "--json")
    assert (rehearsed.code, rehearsed.json["plan"]["consent"]) == (3, ["emit:guest.greeted"])
    assert rehearsed.json["plan"]["words"] == {
        "emit:guest.greeted": "Send events called guest.greeted on your event bus"
    }
    assert [row["same"] for row in rehearsed.json["runs"]] == [False, False]
    refused = cli("install", "upgrade", life.installs["stable"], "--as", "stable", "--json")
    assert (refused.code, refused.problem["findings"][0]["code"]) == (3, "install.consent")
    life.do("upgrade", "stable", "--yes")
    life.becomes({"stable": ("2.0.0", ""), "beta": ("1.2.0-rc.1", "2.0.0"), "pinned": ("1.0.0", "")})
    assert life.run("stable")["output"]["value"] == {"text": "Hello, Ada!"}

    assert life.do("rollback", "beta")["held"] == ["1.2.0-rc.1"]
    life.becomes({"stable": ("2.0.0", ""), "beta": ("1.1.0", "2.0.0"), "pinned": ("1.0.0", "")})
    assert cli.ok("app", "yank", f"{APP}@1.1.0", "--reason", "It greets twice.", "--yes")["status"] == "yanked"
    life.becomes({"stable": ("2.0.0", ""), "beta": ("1.1.1", "2.0.0"), "pinned": ("1.0.0", "")})
    gone = cli("install", "add", f"{APP}@1.1.0", "--yes", "--as", "globex", "--json")
    assert gone.problem["code"] == "unknown-version"

    assert life.do("remove", "pinned")["status"] == "removed"
    refused = cli("run", "start", APP, "--workflow", "hello", "--input", "{}", "--as", "pinned", "--json")
    assert refused.problem["code"] == "not-installed"
    assert life.do("recover", "pinned")["status"] == "active"
    assert life.run("pinned")["output"]["value"]["version"] == "1.0.0"
    life.do("remove", "pinned")
    assert life.do("delete", "pinned", "--yes")["receipt"]["at"]
    again = cli("install", "recover", life.installs["pinned"], "--as", "pinned", "--json")
    assert again.problem["code"] == "install-deleted"
    left = cli.ok("tenant", "offboard", "pinned", "--yes")
    assert (left["status"], left["receipt"]["deleted"]["runs"]) == ("offboarded", 2)


def test_an_upgrade_that_fails_goes_back_by_itself(life: InstallContext, platform: Platform, tmp_path: Path) -> None:
    if not life.installs:
        pytest.fail("the life of the app comes first")
    published(life.cli, tmp_path, "2.0.1", body='raise RuntimeError("broken")', permissions='emit = ["guest.greeted"]')
    life.becomes({"stable": ("2.0.1", "")})
    assert {life.run("stable", name, "failed")["status"] for name in "abcde"} == {"failed"}
    watched = life.show("stable")
    assert watched["watch"]["back"] == "2.0.0"
    with talking_to(platform.engine):
        # The clock comes by each minute: it is asked now for what is due within two.
        fields = client("lambda").get_function_configuration(FunctionName="interlock-maintain-installs")
        settings = LifecycleSettings.read(fields["Environment"]["Variables"])
        maintain_installs(install_context(settings), moment(datetime.now(UTC) + timedelta(minutes=2)))
    life.becomes({"stable": ("2.0.0", "")})
    after = life.show("stable")
    assert after["held"] == ["2.0.1"]
    assert "5 of its 5 runs failed" in after["problem"]
