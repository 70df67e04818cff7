"""One request of API Gateway through the official package's stateless transport, and its answer back."""

import base64
from collections.abc import MutableMapping
from typing import Any

import anyio
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

Message = MutableMapping[str, Any]


def answer(server: Server[Any, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Serve a request (payload format 2.0)."""
    return anyio.run(_served, server, event)


async def _served(server: Server[Any, Any], event: dict[str, Any]) -> dict[str, Any]:
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
    sent: list[Message] = []
    body = _body(event)

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async with manager.run():
        await manager.handle_request(_scope(event), receive, send)
    return _answered(sent)


def _scope(event: dict[str, Any]) -> Message:
    headers = event.get("headers", {})
    return {
        "type": "http",
        "method": event["requestContext"]["http"]["method"],
        "path": event["rawPath"],
        "query_string": b"",
        "headers": [(name.lower().encode(), str(value).encode()) for name, value in headers.items()],
    }


def _body(event: dict[str, Any]) -> bytes:
    text = str(event.get("body") or "")
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()


def _answered(sent: list[Message]) -> dict[str, Any]:
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    headers = {name.decode(): value.decode() for name, value in start["headers"] if name != b"content-length"}
    return {"statusCode": start["status"], "headers": headers, "body": body.decode()}
