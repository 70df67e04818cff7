"""What stands in for a language model in the demo: an endpoint of chat completions that answers from its input.

It is no model: it counts columns and looks for words. It shows how calls are recorded, counted and approved.
"""

import json
import re
import socket
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAME = "stand-in"
SHOWN = 4
CHARS_PER_TOKEN = 4
_WORD = re.compile(r"[^\W_]{4,}")


@contextmanager
def serving(place: Path) -> Generator[Mapping[str, str]]:
    """Serve while the block runs; the variables by which `interlock up` finds it.

    Args:
        place: a file that keeps the port: a platform that is up goes on calling that one.
    """
    server = ThreadingHTTPServer(("127.0.0.1", _port(place)), _Handler)
    server.daemon_threads = True
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(str(server.server_port))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "INTERLOCK_MODEL": NAME,
            "INTERLOCK_MODEL_URL": f"http://127.0.0.1:{server.server_port}/v1",
            "INTERLOCK_MODEL_PRICE": "0/0",
        }
    finally:
        server.shutdown()
        server.server_close()


def _port(place: Path) -> int:
    """The port of the last time, or a free one where it is new or taken."""
    port = int(place.read_text()) if place.exists() else 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        prompt = str(body["messages"][-1]["content"])
        text = json.dumps(answer(prompt))
        data = json.dumps(
            {
                "object": "chat.completion",
                "model": NAME,
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
                "usage": {
                    "prompt_tokens": len(prompt) // CHARS_PER_TOKEN,
                    "completion_tokens": len(text) // CHARS_PER_TOKEN,
                },
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return


def answer(prompt: str) -> dict[str, Any]:
    """A description of the one table, or which of several a question is about."""
    if not prompt.startswith("Question: "):
        return {"text": _described(prompt)}
    question, _, facts = prompt.partition("\n\nFacts:\n")
    terms = {word.lower().rstrip("s") for word in _WORD.findall(question)}
    blocks = [block for block in facts.split("\n\n") if block.strip()]
    names = [
        block.split()[1] for block in blocks if terms & {word.lower().rstrip("s") for word in _WORD.findall(block)}
    ]
    listed = ", ".join(name.rsplit("/", 1)[-1] for name in names) or "none of the tables"
    return {"answer": f"By their names, columns and lineage: {listed}.", "assets": names}


def _described(facts: str) -> str:
    head = re.search(r"^(\w+) (\S+)$", facts, re.MULTILINE)
    columns = re.findall(r"^column (\w+)", facts, re.MULTILINE)
    name = head.group(2).rsplit("/", 1)[-1] if head else "table"
    shown, more = ", ".join(columns[:SHOWN]), len(columns) - SHOWN
    return f"Each row is one {name} with {shown}{f' and {more} more columns' if more > 0 else ''}."
