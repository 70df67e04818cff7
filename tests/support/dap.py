"""A client of the Debug Adapter Protocol, as an editor is one: sockets and JSON, nothing else.

Source: https://microsoft.github.io/debug-adapter-protocol/specification (3.0: requests, `stopped`, `stackTrace`).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SECONDS = 30.0


@dataclass
class Dap:
    """A connection to an adapter; messages that nobody waited for yet are kept."""

    port: int
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def __post_init__(self) -> None:
        self._seq = 0
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Dap:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._socket.close()

    def attach(self, *, breaks: dict[str, list[int]] | None = None) -> None:
        """What an editor does first: initialize, attach, its own breakpoints if any, configurationDone."""
        self.request("initialize", {"adapterID": "test", "linesStartAt1": True, "pathFormat": "path"})
        attached = self.send("attach", {"justMyCode": True, "name": "test"})
        self.event("initialized")
        for path, lines in (breaks or {}).items():
            self.request("setBreakpoints", {"source": {"path": path}, "breakpoints": [{"line": n} for n in lines]})
        self.request("configurationDone", {})
        self.answer(attached)

    def stopped(self) -> Stop:
        """The next stop."""
        event = self.event("stopped")
        frames = self.request("stackTrace", {"threadId": event["threadId"]})["stackFrames"]
        return Stop(event["reason"], int(event["threadId"]), event, frames)

    def variables(self, frame: int) -> dict[str, str]:
        """The local variables of a frame, as shown."""
        scopes = self.request("scopes", {"frameId": frame})["scopes"]
        result = self.request("variables", {"variablesReference": scopes[0]["variablesReference"]})["variables"]
        return {row["name"]: row["value"] for row in result}

    def evaluate(self, expression: str, frame: int) -> str:
        return self.request("evaluate", {"expression": expression, "frameId": frame, "context": "repl"})["result"]

    def go(self, stop: Stop) -> None:
        self.request("continue", {"threadId": stop.thread})

    def request(self, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self.answer(self.send(command, arguments))

    def send(self, command: str, arguments: dict[str, Any]) -> int:
        self._seq += 1
        body = json.dumps({"seq": self._seq, "type": "request", "command": command, "arguments": arguments}).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return self._seq

    def answer(self, seq: int) -> dict[str, Any]:
        result = self._until(lambda row: row["type"] == "response" and row["request_seq"] == seq)
        assert result["success"], result
        return result.get("body") or {}

    def event(self, name: str) -> dict[str, Any]:
        return self._until(lambda row: row["type"] == "event" and row["event"] == name).get("body") or {}

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for row in self.events:
            if wanted(row):
                self.events.remove(row)
                return row
        while True:
            row = self._read()
            if wanted(row):
                return row
            self.events.append(row)

    def _read(self) -> dict[str, Any]:
        length = 0
        while line := self._file.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the adapter closed the connection"
        return json.loads(self._file.read(length))


@dataclass(frozen=True)
class Stop:
    """Where the debugged process stands."""

    reason: str
    thread: int
    event: dict[str, Any]
    frames: list[dict[str, Any]]

    @property
    def file(self) -> str:
        return self.frames[0]["source"]["path"]

    @property
    def line(self) -> int:
        return self.frames[0]["line"]

    @property
    def frame(self) -> int:
        return self.frames[0]["id"]
