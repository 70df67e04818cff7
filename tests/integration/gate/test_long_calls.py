"""A call of a step that runs for long: its connection is kept alive, and its answer is not waited for without end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from interlock.aws.clients import forget_clients
from interlock.aws.long_calls import IDLE_SECONDS, INTERVAL_SECONDS, socket_options
from interlock.aws.services import functions
from interlock.contract.core.failure import GateError, GateFailure
from tests.integration.gate.test_throttled_step import ANSWER, REQUEST

TABLE = Path("/proc/net/tcp")
RETRANSMIT = 1
KEEP_ALIVE = 2
"""Timers of a connection: while something is on its way, and while nothing is
(https://docs.kernel.org/networking/proc_net_tcp.html)."""
HERTZ = 100


@dataclass
class Function:
    """A function that answers when it is let go, and how it saw its caller's connection meanwhile."""

    port: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)
    timers: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])


def timer_of(port: int, to: int) -> tuple[int, float]:
    """The kind of the timer of the connection between two ports of this machine, and in how many seconds it is due.

    Both ports name it: a closed connection from the same port to another one is in the table for a minute more.
    """
    for line in TABLE.read_text().splitlines()[1:]:
        cells = line.split()
        if cells[1].endswith(f":{port:04X}") and cells[2].endswith(f":{to:04X}"):
            kind, _, when = cells[5].partition(":")
            return int(kind, 16), int(when, 16) / HERTZ
    raise AssertionError(f"no connection from port {port} to port {to}")


def quiet_timer(port: int, to: int) -> tuple[int, float]:
    """The timer of a connection once its request has been acknowledged."""
    while (timer := timer_of(port, to))[0] == RETRANSMIT:
        pass
    return timer


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    result = Function()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if TABLE.exists():
                result.timers.append(quiet_timer(self.client_address[1], result.port))
            result.let_go.wait(10)
            body = ANSWER.model_dump_json().encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    result.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{result.port}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    forget_clients()
    yield result
    result.let_go.set()
    server.shutdown()
    server.server_close()
    forget_clients()


def test_connection_is_probed_while_a_step_runs(function: Function) -> None:
    function.let_go.set()
    assert functions.invoke_step("step", "acme", REQUEST, seconds=840)[0].output == {"n": 1}
    if TABLE.exists():
        ((kind, seconds),) = function.timers
        assert kind == KEEP_ALIVE
        assert INTERVAL_SECONDS < seconds <= IDLE_SECONDS + 1


def test_answer_is_waited_for_as_long_as_the_step_may_take(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "START_SECONDS", 0)
    with pytest.raises(GateFailure, match="did not arrive") as failure:
        functions.invoke_step("step", "acme", REQUEST, seconds=0.3)
    assert failure.value.name == GateError.INTERRUPTED


def test_options_are_those_of_the_system() -> None:
    with socket.socket() as subject:
        for level, name, value in socket_options():
            subject.setsockopt(level, name, value)
            assert subject.getsockopt(level, name) == value
