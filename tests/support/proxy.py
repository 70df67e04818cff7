"""A proxy on loopback in front of the engine that fails chosen calls, as networks and services do."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LENGTH = "Content-Length"
ANSWERS = {
    "throttled": (400, {"__type": "ThrottlingException", "message": "slow down"}),
    "broken": (500, {"__type": "InternalServerError", "message": "it broke"}),
}


@dataclass
class Proxy:
    """Fails calls of `action`, `first` to `last`: throttled, broken, cut (not sent on) or lost (not answered)."""

    upstream: str
    action: str = ""
    first: int = 1
    last: int = 99
    how: str = ""
    url: str = ""
    seen: list[str] = field(default_factory=list[str])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, action: str, how: str, first: int = 1, last: int = 99) -> None:
        """From now on."""
        self.seen.clear()
        self.action, self.how, self.first, self.last = action, how, first, last

    def heal(self) -> None:
        """Fail nothing."""
        self.fail("", "")

    def verdict(self, action: str) -> str:
        """What to do with a call."""
        with self.lock:
            self.seen.append(action)
            hit = action == self.action and self.first <= self.seen.count(action) <= self.last
            return self.how if hit else ""


def action_of(method: str, path: str, headers: Message, body: bytes) -> str:
    """The AWS action of a request."""
    target = headers.get("X-Amz-Target", "")
    if target:
        return target.rsplit(".", 1)[-1]
    if path.endswith("/invocations"):
        return "Invoke"
    if b"Action=" in body:
        return body.split(b"Action=", 1)[1].split(b"&", 1)[0].decode()
    return {"PUT": "PutObject", "GET": "GetObject"}.get(method, method)


def said(action: str, fields: dict[str, str]) -> bytes:
    """An error as the action's protocol says it."""
    if action not in ("AssumeRole", "PutObject", "GetObject"):
        return json.dumps(fields).encode()
    error = f"<Error><Code>{fields['__type']}</Code><Message>{fields['message']}</Message></Error>"
    return (f"<ErrorResponse>{error}</ErrorResponse>" if action == "AssumeRole" else error).encode()


@contextlib.contextmanager
def proxy_to(upstream: str) -> Generator[Proxy]:
    """A proxy in front of an engine."""
    proxy = Proxy(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get(LENGTH, "0")))
            action = action_of(self.command, self.path, self.headers, body)
            how = proxy.verdict(action)
            if how == "cut":
                return self.hang_up()
            if how in ANSWERS:
                status, fields = ANSWERS[how]
                return self.answer(status, {"Content-Type": "application/json"}, said(action, fields))
            status, headers, data = self.forward(body)
            return self.hang_up() if how == "lost" else self.answer(status, headers, data)

        def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            place = urlsplit(proxy.upstream)
            connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
            try:
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                result = connection.getresponse()
                return result.status, dict(result.getheaders()), result.read()
            finally:
                connection.close()

        def answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header(LENGTH, str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def hang_up(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    for method in ("GET", "PUT", "POST", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.serve)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield proxy
    server.shutdown()
    server.server_close()
    thread.join(10)
