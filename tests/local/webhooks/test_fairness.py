"""A tenant's receiver that does not answer delays no other tenant: through bus, queue and sender of a real platform."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from interlock.cli.terminal.options import as_tenant
from interlock.contract.webhook import DELIVERIES_AT_ONCE
from tests.support.cli import Cli
from tests.support.client import JsonClient
from tests.support.kit import eventually

EVENTS = 25
HOLD_SECONDS = 9.0
"""The platform waits 10 s for a receiver."""


@dataclass
class Receivers:
    """`/slow` answers once it is let go or after HOLD_SECONDS, `/quick` at once; each says when it was called."""

    url: str = ""
    held: int = 0
    quick: list[float] = field(default_factory=list[float])
    let_go: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    result, lock = Receivers(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/quick":
                result.quick.append(time.monotonic())
            else:
                with lock:
                    result.held += 1
                result.let_go.wait(HOLD_SECONDS)
                with lock:
                    result.held -= 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    result.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield result
    result.let_go.set()
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("own_profiles")
def test_receiver_that_holds_its_answers_delays_no_other_tenant(
    cli: Cli, receivers: Receivers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INTERLOCK_HOME", str(cli.home))
    cli.ok("tenant", "create", "umbrella")
    clients: dict[str, JsonClient] = {}
    for tenant, path in (("globex", "slow"), ("umbrella", "quick")):
        clients[tenant] = JsonClient(as_tenant(None, tenant)[0].profile)
        cli.ok("webhook", "add", f"{receivers.url}/{path}", "--event", "held.back", "--tenant", tenant)

    def send(tenant: str) -> None:
        clients[tenant].post(f"/v1/tenants/{tenant}/events", {"name": "held.back", "data": {}})

    # A first one each, so that processes that start are not measured.
    send("umbrella")
    eventually(lambda: receivers.quick or None, "the first delivery")
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(send, ["globex"] * EVENTS))
    eventually(lambda: receivers.held == DELIVERIES_AT_ONCE or None, "a tenant that occupies all it may")
    began = time.monotonic()
    send("umbrella")
    eventually(lambda: len(receivers.quick) == 2 or None, "the other tenant's delivery")
    assert receivers.held, "the slow receiver was let go first, so nothing was shown"
    seconds = receivers.quick[1] - began
    with capsys.disabled():
        sys.stdout.write(
            f"[{EVENTS} events to a receiver that holds them: another tenant's delivery took {seconds:.2f} s]"
        )
