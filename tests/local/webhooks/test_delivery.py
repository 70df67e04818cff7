"""A receiver outside, with the standard's own library: through the bus, the queue and the clock of a real platform."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from interlock.cli.terminal.options import as_tenant
from tests.support.cli import Cli
from tests.support.client import JsonClient
from tests.support.kit import eventually


@dataclass
class Receiver:
    """Takes what the library verifies with one of its secrets, answers `status` to the rest of the time."""

    url: str = ""
    status: int = 204
    secrets: list[str] = field(default_factory=list[str])
    got: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    refused: int = 0

    def of(self, number: int) -> list[Any]:
        return [events for _, events in self.got if events["data"].get("data") == {"n": number}]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    result = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            for secret in result.secrets:
                try:
                    events = Verifier(secret).verify(body, headers)
                except Exception:
                    result.refused += 1
                    continue
                result.got.append((headers["webhook-id"], events))
            self.send_response(result.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    result.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield result
    server.shutdown()
    server.server_close()


def tenant_of(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> tuple[JsonClient, str]:
    """The API, asked in this process: what is polled for is not worth a command each time."""
    monkeypatch.setenv("INTERLOCK_HOME", str(cli.home))
    client, tenant = as_tenant(None, "")
    return JsonClient(client.profile), f"/v1/tenants/{tenant}"


def send(client: JsonClient, base: str, number: int) -> None:
    client.post(f"{base}/events", {"name": "note.written", "data": {"n": number}})


def test_a_receiver_outside(cli: Cli, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    client, base = tenant_of(cli, monkeypatch)
    subject = cli.ok(
        "webhook", "add", receiver.url, "--event", "note.*", "--where", '{"data": {"n": [{"numeric": [">", 0]}]}}'
    )
    hook, old = subject["webhook"]["id"], subject["secret"]
    receiver.secrets = [old]
    assert cli.ok("webhook", "test", hook)["status"] == 204
    send(client, base, 0)
    send(client, base, 1)
    (events,) = eventually(lambda: receiver.of(1) or None, "the first event")
    assert (events["type"], events["data"]["type"]) == ("note.written", "note.written")
    assert receiver.of(0) == [], "the pattern lets it not pass"

    # Both secrets sign while the rotation lasts: a receiver with either of them takes the same message.
    fresh = cli.ok("webhook", "rotate", hook, "--overlap", "1")["secret"]
    receiver.secrets = [old, fresh]
    send(client, base, 2)
    eventually(lambda: len(receiver.of(2)) == 2 or None, "the event, verified by both secrets")
    assert receiver.refused == 0

    # A receiver that is down gets what it missed: by the queue's retry after 5 s, in the same delivery.
    receiver.secrets, receiver.status = [fresh], 503
    send(client, base, 3)
    eventually(lambda: receiver.of(3) or None, "the first attempt")
    receiver.status = 204
    eventually(lambda: len(receiver.of(3)) == 2 or None, "the second attempt")
    assert len({name for name, events in receiver.got if events["data"].get("data") == {"n": 3}}) == 1
    done = eventually(lambda: _deliveries(client, base, hook, "delivered", 3) or None, "the log of it")
    assert [attempt["status"] for attempt in done[0]["attempts"]] == [503, 204]

    # One that answers 410 is disabled, its tenant is told, and what it refused can be delivered again.
    receiver.status = 410
    send(client, base, 4)
    result = eventually(
        lambda: row if (row := client.get(f"{base}/webhooks/{hook}"))["status"] == "disabled" else None, "410"
    )
    assert "410" in result["why"]
    eventually(
        lambda: "webhook.disabled" in [row["name"] for row in client.get(f"{base}/events")["events"]] or None,
        "being told",
    )
    assert cli("webhook", "redeliver", hook, "--failed", "--json").code == 1
    receiver.status = 204
    cli.ok("webhook", "enable", hook)
    (again,) = cli.ok("webhook", "redeliver", hook, "--failed")
    eventually(lambda: _deliveries(client, base, hook, "delivered", 4) or None, "the redelivery")
    assert [name for name, events in receiver.got if events["data"].get("data") == {"n": 4}] == [again["id"]] * 2

    cli.ok("webhook", "remove", hook, "--yes")
    assert cli.ok("webhook", "list") == []
    assert cli("webhook", "show", hook, "--json").code == 4


def _deliveries(client: JsonClient, base: str, hook: str, status: str, number: int) -> list[dict[str, Any]]:
    rows = client.get(f"{base}/webhooks/{hook}/deliveries", status=status)["deliveries"]
    return [row for row in rows if row["body"]["value"]["data"].get("data") == {"n": number}]


def test_inside_is_refused(cli: Cli) -> None:
    for url in ("https://169.254.169.254/", "https://10.0.0.1/", "http://93.184.216.34/"):
        done = cli("webhook", "add", url, "--event", "*", "--json")
        assert (done.code, done.problem["code"]) == (1, "webhook-url")
