"""Two installs of one app in a tenant: one event starts a run of each, and each sees what is its own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from interlock.cli.terminal.profiles import Profiles
from interlock.cli.terminal.wait import until
from tests.support.cli import Cli, Write
from tests.support.client import JsonClient

APP = "acme/pair"
STEPS = '''
from interlock import Context, step


@step
def greet(value: dict, ctx: Context) -> dict:
    """Say what this install has, and count its runs in its state."""
    seen = (ctx.state.get("seen") or 0) + 1
    ctx.state.put("seen", seen)
    secret = ctx.secrets.get("api_key") or ""
    greeting = ctx.config.get("greeting", "")
    return {"install": ctx.install_name, "greeting": greeting, "secret_length": len(secret), "seen": seen}


@step
def shout(value: dict) -> dict:
    """Pass it on."""
    return value


@step
def misbehave(value: dict) -> dict:
    """Not called here."""
    return value


@step
def hang(value: dict) -> dict:
    """Not called here."""
    return value
'''
DESCRIBED = "Starts the workflow hello of the installed app acme/pair"


def ended(cli: Cli, trigger: str, count: int) -> list[dict[str, Any]]:
    """The runs of the app that a trigger started, once there are so many and all are over."""

    def ask() -> list[dict[str, Any]] | None:
        rows = [row for row in cli.ok("run", "list", "--app", APP) if row["trigger"]["name"] == trigger]
        return rows if len(rows) >= count and all(row["ended"] for row in rows) else None

    return until(ask, seconds=60, what=f"{count} runs by {trigger}", next_step="interlock run list")


def outputs(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    assert [row["failed"] for row in rows] == [None] * len(rows)
    assert all(row["install_name"] == row["output"]["value"]["install"] for row in rows)
    return {row["install_name"]: row["output"]["value"] for row in rows}


def added(cli: Cli, *options: str) -> dict[str, Any]:
    return cli.ok("install", "add", APP, "--yes", *options)


async def called(cli: Cli) -> tuple[dict[str, str], dict[str, str]]:
    """Call the tools of both by the official client: their descriptions, and the install of each one's run."""
    profile = Profiles.model_validate_json((cli.home / "profiles.json").read_text()).profiles["globex"]
    headers = JsonClient(profile).transport.headers()
    async with (
        httpx.AsyncClient(headers=headers, timeout=60) as http,
        streamable_http_client(f"{profile.api_url}/v1/tenants/globex/mcp", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools if "greet_pair" in tool.name}
        runs: dict[str, str] = {}
        for name in tools:
            answer = (await session.call_tool(name, {"name": "Ada"})).structuredContent or {}
            runs[name] = str(answer["install_name"])
        refused = await session.call_tool("start_workflow", {"app": APP, "workflow": "hello", "input": {"name": "Bo"}})
        assert refused.isError
        assert refused.meta is not None
        assert refused.meta["interlock/problem"]["code"] == "which-install"
        return {name: tool.description or "" for name, tool in tools.items()}, runs


def test_two_installs_of_an_app_side_by_side(cli: Cli, app: Write) -> None:
    cli.ok("app", "publish", str(app("pair", **{"hello/steps.py": STEPS})))
    first = added(cli, "--config", '{"greeting": "Hi"}', "--secret", "api_key=12345678")
    west = added(cli, "--name", "west", "--config", '{"greeting": "Howdy"}', "--secret", "api_key=123456789012")
    assert (first["name"], west["name"]) == ("pair", "west")
    again = cli("install", "add", APP, "--yes", "--name", "west", "--json").problem
    assert (again["code"], "--name NAME" in again["next"]) == ("already-installed", True)

    cli.ok("event", "send", "guest.arrived", "--data", '{"name": "Cleo"}')
    assert outputs(ended(cli, "event:guest.arrived", 2)) == {
        "pair": {"install": "pair", "greeting": "Hi", "secret_length": 8, "seen": 1},
        "west": {"install": "west", "greeting": "Howdy", "secret_length": 12, "seen": 1},
    }
    events = [row for row in cli.ok("event", "tail") if row["name"] == "run.succeeded" and row["detail"]["app"] == APP]
    assert {(row["detail"]["install"], row["detail"]["install_name"]) for row in events} >= {
        (first["id"], "pair"),
        (west["id"], "west"),
    }

    descriptions, runs = asyncio.run(called(cli))
    assert runs == {"acme__greet_pair": "pair", "acme__greet_pair__west": "west"}
    assert descriptions["acme__greet_pair"].startswith(f"{DESCRIBED} and")
    assert descriptions["acme__greet_pair__west"].startswith(f"{DESCRIBED} (its install west) and")
    assert {name: row["seen"] for name, row in outputs(ended(cli, "tool:greet_pair", 2)).items()} == {
        "pair": 2,
        "west": 2,
    }

    which = cli("run", "start", APP, "--workflow", "hello", "--json").problem
    assert (which["code"], "pair, west" in json.dumps(which)) == ("which-install", True)
    cli.ok("run", "start", APP, "--workflow", "hello", "--install", "west", "--input", '{"name": "Bo"}', "--wait")
    assert [row["install"] for row in ended(cli, "api", 1)] == [west["id"]]
    assert {row["install"] for row in cli.ok("run", "list", "--app", APP, "--install", "west")} == {west["id"]}
    usage = {row["install_name"]: row["amount"]["runs"] for row in cli.ok("usage", "show", "--by", "install")["rows"]}
    assert (usage["pair"], usage["west"]) == (2, 3)

    for name in ("pair", "west"):
        cli("run", "start", APP, "--workflow", "hello", "--install", name, "--input", "[]", "--wait")
    job = cli.ok("run", "fork", "--all", "--app", APP, "--install", "west", "--yes")
    assert [row["install_name"] for row in (cli.ok("run", "show", row["run"]) for row in job["rows"])] == ["west"]

    assert cli.ok("install", "show", "west")["id"] == west["id"]
    ambiguous = cli("install", "show", APP, "--json").problem
    assert ambiguous["code"] == "which-install"
    assert cli.ok("install", "remove", "west")["status"] == "removed"
    cli.ok("event", "send", "guest.arrived", "--data", '{"name": "Dai"}')
    rows = ended(cli, "event:guest.arrived", 3)
    assert [row["install_name"] for row in rows].count("pair") == 2
    assert len(rows) == 3
    assert cli.ok("tool", "call", "greet_pair", "--input", '{"name": "E"}', "--wait")["output"]["value"]["seen"] == 4
    gone = cli("tool", "call", "greet_pair__west", "--input", '{"name": "E"}', "--json").problem
    assert gone["code"] == "unknown-tool"
    assert cli.ok("install", "show", APP)["id"] == first["id"]

    assert cli.ok("install", "recover", "west")["config"] == {"greeting": "Howdy"}
    after = cli.ok("tool", "call", "greet_pair__west", "--input", '{"name": "F"}', "--wait")["output"]["value"]
    assert (after["seen"], after["secret_length"]) == (4, 12)
    cli.ok("install", "remove", "west")
    cli.ok("install", "remove", APP)
