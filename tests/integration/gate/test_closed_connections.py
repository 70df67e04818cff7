"""A connection to a step that is closed: what was not sent did not run; what was sent may have run."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from interlock.aws.clients import client, forget_clients
from interlock.aws.long_calls import UNUSED_SECONDS, LongCalls
from interlock.aws.services import functions
from interlock.contract.core.failure import GateError, GateFailure
from tests.integration.gate.test_throttled_step import ANSWER, REQUEST

LARGE = REQUEST.model_copy(update={"input": "x" * 5_000_000})
"""More than what the buffers of two sockets hold."""
Serve = Callable[[socket.socket], None]


@dataclass
class Server:
    """What answers in Lambda's place: one way of serving for each connection, in their order."""

    listener: socket.socket
    ways: list[Serve] = field(default_factory=list[Serve])
    connections: int = 0

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.ways.pop(0), args=(connection,), daemon=True).start()


def read_request(connection: socket.socket) -> bytes:
    """One whole request; empty where the other side closed the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65_536)
    return body


def answer(connection: socket.socket) -> None:
    body = ANSWER.model_dump_json().encode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def answers(connection: socket.socket) -> None:
    """Answer every request."""
    with connection:
        while read_request(connection):
            answer(connection)


def resets_while_it_is_sent(connection: socket.socket) -> None:
    connection.recv(1_000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reads_all_and_closes(connection: socket.socket) -> None:
    read_request(connection)
    connection.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    listener = socket.create_server(("127.0.0.1", 0))
    subject = Server(listener)
    threading.Thread(target=subject.run, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    forget_clients()
    yield subject
    listener.close()
    forget_clients()


@pytest.mark.parametrize(
    ("way", "error"),
    [(resets_while_it_is_sent, GateError.UNAVAILABLE), (reads_all_and_closes, GateError.INTERRUPTED)],
)
def test_step_did_not_run_where_its_request_was_not_sent(server: Server, way: Serve, error: GateError) -> None:
    server.ways.append(way)
    with pytest.raises(GateFailure) as failure:
        functions.invoke_step("step", "acme", LARGE)
    assert failure.value.name == error


def test_connection_that_was_long_unused_is_not_used_again(server: Server) -> None:
    now = 1_000.0
    client("lambda")._endpoint.http_session = LongCalls(lambda: now)
    server.ways += [answers, answers]
    for wait, connections in ((0.0, 1), (UNUSED_SECONDS - 1.0, 1), (UNUSED_SECONDS + 1.0, 2)):
        now += wait
        assert functions.invoke_step("step", "acme", REQUEST)[0].output == {"n": 1}
        assert server.connections == connections
