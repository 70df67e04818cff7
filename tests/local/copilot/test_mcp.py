"""Copilots against the session's platform, by the official client: over HTTP, and over stdio by `interlock mcp`."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import Tool

from interlock.cli.terminal.profiles import Profiles
from tests.support.cli import ROOT, Cli, Write
from tests.support.client import JsonClient
from tests.support.mcp_calls import answered, problem

DEADLINE_S = 90.0
FAILING_LINE = "raise LookupError(f\"no such guest {value['name']}\")"


def client_of(cli: Cli, profile: str) -> JsonClient:
    return JsonClient(Profiles.model_validate_json((cli.home / "profiles.json").read_text()).profiles[profile])


def url_of(client: JsonClient, tenant: str = "globex") -> str:
    return f"{client.profile.api_url}/v1/tenants/{tenant}/mcp"


@asynccontextmanager
async def over_http(cli: Cli) -> AsyncGenerator[ClientSession]:
    client = client_of(cli, "globex")
    async with (
        httpx.AsyncClient(headers=client.transport.headers(), timeout=60) as http,
        streamable_http_client(url_of(client), http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


@asynccontextmanager
async def over_stdio(cli: Cli) -> AsyncGenerator[ClientSession]:
    fields = ["-c", "from interlock.cli.main import main; main()", "mcp", "--profile", "globex"]
    environment = dict(os.environ) | {"INTERLOCK_HOME": str(cli.home)}
    server = StdioServerParameters(command=sys.executable, args=fields, env=environment, cwd=ROOT)
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        yield session


async def tools_of(session: ClientSession) -> dict[str, Tool]:
    return {tool.name: tool for tool in (await session.list_tools()).tools}


async def until(ask: Callable[[], Awaitable[Any]]) -> Any:
    """The first answer that holds."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        result = await ask()
        if result:
            return result
        await asyncio.sleep(0.1)
    raise TimeoutError


async def waited(session: ClientSession, run: str, *, for_person: bool = False) -> dict[str, Any]:
    """A run that is over, or that waits for a person, by the tool that copilots ask."""

    async def ask() -> dict[str, Any] | None:
        result = (await session.call_tool("run_status", {"run": run})).structuredContent or {}
        stops = [wait for wait in result.get("waits", []) if wait["waits_for"] == "person"]
        return result if result.get("over") or (for_person and stops) else None

    return await until(ask)


def install(cli: Cli, folder: Path, app: str) -> str:
    cli.ok("app", "publish", str(folder))
    return cli.ok("install", "add", app, "--yes", "--secret", "api_key=a-key-that-is-told-to-nobody")["id"]


def test_a_copilot_over_http(cli: Cli, app: Write) -> None:
    async def story() -> None:
        async with over_http(cli) as session:
            before = await tools_of(session)
            assert "acme__greet_copilot" not in before
            for tool in before.values():
                Draft202012Validator.check_schema(tool.inputSchema)
            subject = install(cli, app("copilot"), "acme/copilot")

            async def grown() -> dict[str, Tool] | None:
                result = await tools_of(session)
                return result if "acme__greet_copilot" in result else None

            tools = await until(grown)
            assert set(tools) - set(before) == {"acme__greet_copilot"}
            new = tools["acme__greet_copilot"]
            assert new.inputSchema["required"] == ["name"]
            assert new.meta is not None
            assert (new.meta["interlock/app"], len(new.meta["interlock/definition"])) == ("acme/copilot@1.0.0", 64)

            receipt = await answered(session, "acme__greet_copilot", name="Ada", interlock_key="once")
            assert [step["state"] for step in receipt["steps"]] == ["greet", "shout"]
            assert (receipt["status"], receipt["next"]["tool"]) == ("starting", "run_status")
            done = await waited(session, receipt["run"])
            assert (done["status"], done["untrusted"]["data"]["output"]["text"]) == ("succeeded", "HELLO, ADA")
            again = await answered(session, "acme__greet_copilot", name="Ada", interlock_key="once")
            assert again["run"] == receipt["run"]
            wrong = problem(await session.call_tool("acme__greet_copilot", {"name": 3}))
            assert wrong["findings"][0]["code"] == "tool.arguments"

            await failure_explained(session)
            await pause_decided(session, cli)
            cli.ok("install", "remove", subject)

            async def shrunk() -> bool:
                return set(await tools_of(session)) == set(before)

            assert await until(shrunk)
            assert problem(await session.call_tool("acme__greet_copilot", {"name": "Bo"}))["code"] == "unknown-tool"

    asyncio.run(story())


async def failure_explained(session: ClientSession) -> None:
    request = {"do": "raise", "name": "Nemo"}
    started = await answered(session, "start_workflow", app="acme/copilot", workflow="bad", input=request)
    failed = await waited(session, started["run"])
    assert (failed["status"], failed["next"]["tool"]) == ("failed", "explain_run")
    events = await answered(session, failed["next"]["tool"], **failed["next"]["arguments"])
    assert (events["error"], events["file"], events["state"]) == ("LookupError", "hello/steps.py", "misbehave")
    explanation = events["untrusted"]["data"]["explanation"]
    assert FAILING_LINE in explanation["source"][events["line"] - explanation["source_start"]]
    assert explanation["locals"]["password"] == "[redacted]"
    listed = await answered(session, "list_runs", status="failed", app="acme/copilot")
    assert [row["run"] for row in listed["runs"]] == [started["run"]]
    forked = await answered(session, "dry_fork", run=started["run"])
    assert forked["forked_from"] == started["run"]
    assert (await waited(session, forked["run"]))["status"] == "failed"


async def pause_decided(session: ClientSession, cli: Cli) -> None:
    api = client_of(cli, "globex")
    rule = {"state": "shout"}
    request: Mapping[str, Any] = {"app": "acme/copilot", "workflow": "hello", "input": {}, "breakpoints": [rule]}
    run = api.post("/v1/tenants/globex/runs", request)["run"]
    stopped = await waited(session, run, for_person=True)
    assert stopped["next"]["tool"] == "list_pauses"

    async def waiting() -> Any:
        result = await answered(session, "list_pauses", run=run)
        return result["pauses"] if result["pauses"][0]["status"] == "waiting" else None

    (pause,) = await until(waiting)
    call = {"run": run, "pause": pause["pause"], "action": "output", "output": '{"text": "by a copilot"}'}
    refused = problem(await session.call_tool("resume_pause", call))
    assert refused["code"] == "confirmation-wanted"
    confirm = refused["detail"].removeprefix("this call needs confirmation: ")
    other = problem(await session.call_tool("resume_pause", call | {"output": "{}", "confirm": confirm}))
    assert other["code"] == "confirmation-other-call"
    # A person takes it: the confirmed call waits until they let go of it.
    cli.ok("pause", "take", run, pause["pause"], "--profile", "globex")
    held = problem(await session.call_tool("resume_pause", call | {"confirm": confirm}))
    assert held["code"] == "pause-held"
    cli.ok("pause", "release", run, pause["pause"], "--profile", "globex")
    await answered(session, "resume_pause", **call, confirm=confirm)
    done = await waited(session, run)
    assert done["untrusted"]["data"]["output"] == {"text": "by a copilot"}


def test_a_copilot_over_stdio_is_told_how_a_run_goes_on(cli: Cli, app: Write) -> None:
    install(cli, app("stdio"), "acme/stdio")
    seen: list[tuple[float, float | None, str | None]] = []

    async def told(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    async def story() -> None:
        async with over_stdio(cli) as session, over_http(cli) as http:
            assert list(await tools_of(session)) == list(await tools_of(http))
            arguments = {"app": "acme/stdio", "workflow": "hello", "input": {"name": "Bo"}}
            result = await session.call_tool("start_workflow", arguments, progress_callback=told)
            assert result.structuredContent is not None
            assert (result.isError, result.structuredContent["status"]) == (False, "succeeded")
            silent = await session.call_tool("start_workflow", arguments)
            assert (silent.structuredContent or {})["status"] == "starting"
            await waited(session, (silent.structuredContent or {})["run"])

    asyncio.run(story())
    assert seen
    assert [row[0] for row in seen] == sorted({row[0] for row in seen})
    assert all(total == 3 and progress < total for progress, total, _ in seen)
    assert seen[-1][2] == "succeeded: 2 of 2 steps"


@pytest.mark.parametrize(
    ("method", "tenant", "profile", "status"),
    [
        ("POST", "globex", "", 401),
        ("POST", "globex", "acme", 403),
        ("POST", "nobody", "globex", 403),
        ("GET", "globex", "globex", 405),
        ("DELETE", "globex", "globex", 405),
    ],
)
def test_a_caller_who_is_no_member_is_refused(cli: Cli, method: str, tenant: str, profile: str, status: int) -> None:
    client = client_of(cli, profile or "globex")
    headers = client.transport.headers() | {"Accept": "application/json, text/event-stream"}
    if not profile:
        del headers["Authorization"]
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = httpx.request(method, url_of(client, tenant), headers=headers, json=body if method == "POST" else None)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "forbidden"


def test_the_configuration_of_a_client(cli: Cli) -> None:
    entry = cli.ok("mcp")["mcpServers"]["interlock-globex"]
    assert entry["args"] == ["mcp", "--profile", "globex", "--tenant", "globex"]
    assert entry["env"] == {"INTERLOCK_HOME": str(cli.home)}
    assert Path(entry["command"]).exists()
