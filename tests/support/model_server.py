"""A language model's service that a test plays: OpenAI's chat completions, and Bedrock's Converse by its documents."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

Answer = Callable[[dict[str, Any]], Any]
"""A body in; a body out, or a status with a body, or bytes that are sent as they are."""


@dataclass
class ModelServer:
    """What was asked, and where to ask."""

    url: str = ""
    answer: Answer = lambda _body: completion("ok")
    heard: list[tuple[str, dict[str, str], dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, str], dict[str, Any]]]
    )

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, _, body in self.heard]


def completion(text: str | None, tokens: tuple[int, int] = (12, 3), stop: str = "stop", **message: Any) -> Any:
    """What an endpoint of chat completions answers."""
    return {
        "id": "c1",
        "object": "chat.completion",
        "model": "test",
        "choices": [{"index": 0, "finish_reason": stop, "message": {"role": "assistant", "content": text, **message}}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }


def converse_answer(text: str, tokens: tuple[int, int] = (12, 3), stop: str = "end_turn") -> Any:
    """What Bedrock's Converse answers."""
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": stop,
        "usage": {"inputTokens": tokens[0], "outputTokens": tokens[1], "totalTokens": sum(tokens)},
        "metrics": {"latencyMs": 5},
    }


@contextmanager
def model_server(answer: Answer | None = None) -> Generator[ModelServer]:
    """The service on loopback while the block runs."""
    subject = ModelServer()
    if answer is not None:
        subject.answer = answer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            subject.heard.append((self.path, {name.lower(): text for name, text in self.headers.items()}, body))
            answer = subject.answer(body)
            if answer is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, value = cast(tuple[Any, Any], answer) if isinstance(answer, tuple) else (200, answer)
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            code, _, error = str(status).partition(" ")
            self.send_response(int(code))
            if error:
                self.send_header("x-amzn-errortype", error)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    subject.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield subject
    finally:
        server.shutdown()
        server.server_close()
