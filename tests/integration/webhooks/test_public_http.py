"""Calls of URLs that a tenant gave: which are refused, and one deadline for a receiver that answers slowly."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlock.aws.services.public_http import MAX_RETRY_AFTER, check_url, post
from interlock.contract.core.failure import BadRequest, Unavailable
from interlock.sdk.exchange import Deadline, addresses_of, resolve_within
from tests.support.busy import in_time

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "urls.json"
SECONDS = 1.0
Talk = Callable[[socket.socket], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Talk], str]]:
    """A receiver on this machine that says what it is given to say; its URL."""
    servers: list[socket.socket] = []
    over = threading.Event()

    def start(talk: Talk) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def work() -> None:
            connection, _ = server.accept()
            with connection:
                talk(connection)
                over.wait(5)

        threading.Thread(target=work, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/hook?x=%C3%A9"

    yield start
    over.set()
    for server in servers:
        server.close()


def drip(connection: socket.socket) -> None:
    """A byte each tenth of a second: no single read takes long."""
    ticks = threading.Event()
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000:
            connection.send(bytes([byte]))
            ticks.wait(0.1)
    except OSError:
        return


def say_nothing(connection: socket.socket) -> None:
    """Take the connection."""


def say(head: str) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode())

    return talk


@pytest.mark.parametrize("talk", [drip, say_nothing])
def test_one_deadline_is_for_the_whole_call(serve: Callable[[Talk], str], talk: Talk) -> None:
    def call() -> float:
        url, begin = serve(talk), time.monotonic()
        with pytest.raises(Unavailable):
            post(url, {}, b"{}", loopback=True, seconds=SECONDS)
        return time.monotonic() - begin

    assert in_time(SECONDS * 2, call) > SECONDS * 0.9


def test_a_slow_resolver_is_part_of_the_deadline() -> None:
    over = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        over.wait(10)
        return ["93.184.216.34"]

    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        resolve_within("slow.example", 443, Deadline(0.2), slow)
    with pytest.raises(Unavailable):
        check_url("https://slow.example/", deadline=Deadline(0.2), resolver=slow)
    over.set()
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("503 No\r\nRetry-After: 120", 120),
        ("429 No\r\nRetry-After: 999999999999", MAX_RETRY_AFTER),
        ("503 No\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("503 No\r\nRetry-After: Wed, 21 Oct 2915 07:28:00 GMT", MAX_RETRY_AFTER),
        ("503 No\r\nRetry-After: soon", 0),
        ("503 No\r\nRetry-After: -5", 0),
        ("503 No", 0),
    ],
)
def test_a_receiver_may_ask_to_wait(serve: Callable[[Talk], str], head: str, seconds: int) -> None:
    assert post(serve(say(head)), {}, b"{}", loopback=True).retry_after == seconds


@pytest.mark.skipif(not CASES.exists(), reason="shared cases: urls")
def test_shared_urls_are_accepted_or_refused() -> None:
    cases = json.loads(CASES.read_text())
    names = {name: [row] if isinstance(row, str) else row for name, row in cases["names"].items()}

    def resolver(host: str, port: int) -> list[str]:
        return names.get(host) or addresses_of(host, port)

    wrong: list[object] = []
    for case in cases["cases"]:
        try:
            check_url(case["url"], resolver=resolver)
            accepted = True
        except (BadRequest, Unavailable):
            accepted = False
        if accepted is not case["accept"]:
            wrong.append(case)
    assert wrong == []
