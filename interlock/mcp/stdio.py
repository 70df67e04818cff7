"""MCP over stdio, for clients that start a server as a process: it forwards to the platform's endpoint.

Nothing of the tools is here (ADR 0012). What only stdio can do is: where the client asked for progress, a call that
started a run goes on until the run is over or waits for a person, and says meanwhile how far it is.
"""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
from mcp import ClientSession, types
from mcp.client.streamable_http import streamable_http_client
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from interlock.contract.copilot.tool import PROBLEM

ANSWER_SECONDS = 35
"""API Gateway answers within 30 s, or not at all."""
FOLLOW_SECONDS = 3600
"""After this the call answers how far the run is; `run_status` tells the rest."""
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.2, 3.0, 1.4
RUN = "interlock/run"
Far = Server[Any, Any]


@dataclass(frozen=True)
class Endpoint:
    """Where the platform answers, and what each request says of who calls: made anew, because tokens end."""

    url: str
    headers: Callable[[], Mapping[str, str]]


class _Signed(httpx.Auth):
    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.update(self.endpoint.headers())
        yield request


def serve(endpoint: Endpoint) -> None:
    """Serve the client at stdin and stdout until it goes."""
    anyio.run(_serve, endpoint)


async def _serve(endpoint: Endpoint) -> None:
    async with (
        httpx.AsyncClient(auth=_Signed(endpoint), timeout=ANSWER_SECONDS) as http,
        streamable_http_client(endpoint.url, http_client=http) as (read, write, _),
        ClientSession(read, write) as platform,
        stdio_server() as (stdin, stdout),
    ):
        server = _server(platform, await platform.initialize())
        await server.run(stdin, stdout, server.create_initialization_options())


def _server(platform: ClientSession, hello: types.InitializeResult) -> Far:
    server: Far = Server(hello.serverInfo.name, version=hello.serverInfo.version, instructions=hello.instructions)

    async def listed(request: types.ListToolsRequest) -> types.ServerResult:
        return types.ServerResult(await platform.list_tools(params=request.params))

    async def called(request: types.CallToolRequest) -> types.ServerResult:
        result = await _call(platform, request.params.name, request.params.arguments)
        meta = server.request_context.meta
        run, token = (result.meta or {}).get(RUN), meta.progressToken if meta else None
        if run is None or token is None:
            return types.ServerResult(result)
        return types.ServerResult(await _follow(platform, server, token, str(run), result))

    server.request_handlers[types.ListToolsRequest] = listed
    server.request_handlers[types.CallToolRequest] = called
    return server


async def _call(platform: ClientSession, name: str, arguments: dict[str, Any] | None) -> types.CallToolResult:
    """Not by `call_tool`, which would list every tool first to check the answer: the platform made it."""
    params = types.CallToolRequestParams(name=name, arguments=arguments)
    return await platform.send_request(types.ClientRequest(types.CallToolRequest(params=params)), types.CallToolResult)


async def _follow(
    platform: ClientSession, server: Far, token: str | int, run: str, receipt: types.CallToolResult
) -> types.CallToolResult:
    """Ask how the run goes on until it is over or waits for a person, and tell each time."""
    end, pause, count = time.monotonic() + FOLLOW_SECONDS, FIRST_PAUSE, 0
    last = receipt
    while time.monotonic() < end:
        call_tool_result = await _call(platform, "run_status", {"run": run})
        data = call_tool_result.structuredContent or {}
        if not call_tool_result.isError:
            last = call_tool_result
        elif (call_tool_result.meta or {}).get(PROBLEM, {}).get("code") != "not-found":
            return last
        count += 1
        await _tell(server, token, last.structuredContent or {}, count)
        if data.get("over") or data.get("status") == "paused":
            return last
        await anyio.sleep(pause)
        pause = min(pause * GROWTH, LONGEST_PAUSE)
    return last


async def _tell(server: Far, token: str | int, data: Mapping[str, Any], count: int) -> None:
    """Progress is the steps that are done and a rest that grows with each word, as MCP wants; the end is one more."""
    steps: list[dict[str, Any]] = data.get("steps", [])
    done = sum(step["status"] == "succeeded" for step in steps)
    now = ", ".join(step["state"] for step in steps if step["status"] == "started")
    message = f"{data.get('status')}: {done} of {len(steps)} steps" + (f", now {now}" if now else "")
    progress = done + count / (count + 1)
    await server.request_context.session.send_progress_notification(token, progress, len(steps) + 1, message)
