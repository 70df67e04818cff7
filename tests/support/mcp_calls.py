"""Calls of tools by the official MCP client."""

from __future__ import annotations

from typing import Any

from mcp import ClientSession
from mcp.types import CallToolResult


async def answered(session: ClientSession, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured answer of a call that must work; the client holds it against the tool's output schema."""
    result = await session.call_tool(tool, arguments)
    assert not result.isError, result.content
    assert result.structuredContent is not None
    return result.structuredContent


def problem(result: CallToolResult) -> dict[str, Any]:
    """The problem of a call that was refused."""
    assert result.isError
    assert result.meta is not None
    return result.meta["interlock/problem"]
