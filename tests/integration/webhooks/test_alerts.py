"""A tenant's webhook: signed as Standard Webhooks says, to public addresses only, past no redirect."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from interlock.aws.services.public_http import check_url
from interlock.contract.address import is_public
from interlock.contract.core.failure import BadRequest, NotFound, Throttled, Unavailable
from interlock.contract.event import RunDetail, RunEvent
from interlock.control.webhooks.alerts import (
    AlertContext,
    read_alert,
    remove_alert,
    send_alert,
    set_alert,
    try_alert,
    wait_seconds,
)
from tests.support.cloud import AT, TENANT, Cloud

DETAIL = RunDetail(
    id="r1:run.failed", type=RunEvent.FAILED, tenant=TENANT, at=AT, run="r1", app="acme/app", version="1.0.0",
    workflow="main", explanation="Run r1 failed: é",
)  # fmt: skip


@dataclass
class Receiver:
    """A webhook on this machine that keeps what it got and answers with `status`."""

    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    result = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            result.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(result.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    result.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield result
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("10.0.0.1", False), ("192.168.1.1", False),
        ("172.16.0.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("127.0.0.1", False), ("::1", False),
        ("0.0.0.0", False), ("224.0.0.1", False), ("fe80::1%eth0", False), ("fd00:ec2::254", False),
        ("::ffff:10.0.0.1", False), ("2002:0a00:0001::", False), ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::5db8:d822", True), ("255.255.255.255", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public
    assert is_public("127.0.0.1", loopback=True)
    assert not is_public("10.0.0.1", loopback=True)


@pytest.mark.parametrize(
    "url",
    ["http://93.184.216.34/", "https://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest", "ftp://x/",
     "https://u:p@93.184.216.34/", "https://[::1]/", "nonsense", "https://93.184.216.34/" + "x" * 2_000,
     "https://localhost/", "https://0x7f000001/", "https://2130706433/"],
)  # fmt: skip
def test_a_url_that_is_not_public_is_refused(cloud: Cloud, url: str) -> None:
    with pytest.raises(BadRequest) as refused:
        set_alert(AlertContext(cloud.registry), TENANT, url, "me")
    assert refused.value.code == "alert-url"
    with pytest.raises(NotFound):
        read_alert(AlertContext(cloud.registry), TENANT)


def test_a_failed_run_is_told_signed(cloud: Cloud, receiver: Receiver) -> None:
    alerts = AlertContext(cloud.registry, loopback=True)
    subject = set_alert(alerts, TENANT, receiver.url, "me")
    assert read_alert(alerts, TENANT) == subject.alert
    assert send_alert(alerts, DETAIL) is not None
    headers, body = receiver.got[0]
    key = base64.b64decode(subject.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == DETAIL.id
    events = json.loads(body)
    assert (events["type"], events["data"]["explanation"]) == ("run.failed", DETAIL.explanation)
    assert try_alert(alerts, TENANT).ok
    remove_alert(alerts, TENANT)
    assert send_alert(alerts, DETAIL) is None
    assert len(receiver.got) == 2


@pytest.mark.parametrize("status", [302, 400, 500])
def test_an_alert_that_is_refused_is_tried_again(cloud: Cloud, receiver: Receiver, status: int) -> None:
    alerts = AlertContext(cloud.registry, loopback=True)
    set_alert(alerts, TENANT, receiver.url, "me")
    receiver.status = status
    with pytest.raises(Unavailable):
        send_alert(alerts, DETAIL)
    assert len(receiver.got) == 1


def test_a_webhook_that_is_gone_is_not_tried_again(cloud: Cloud, receiver: Receiver) -> None:
    alerts = AlertContext(cloud.registry, loopback=True)
    set_alert(alerts, TENANT, receiver.url, "me")
    receiver.status = 410
    assert send_alert(alerts, DETAIL) is None


def test_a_name_that_leads_elsewhere_later_is_refused_at_send(cloud: Cloud, receiver: Receiver) -> None:
    set_alert(AlertContext(cloud.registry, loopback=True), TENANT, receiver.url, "me")
    with pytest.raises(BadRequest):
        send_alert(AlertContext(cloud.registry), DETAIL)
    with pytest.raises(BadRequest):
        check_url("https://rebind.example/", resolver=lambda host, port: ["93.184.216.34", "10.0.0.1"])
    assert receiver.got == []


def test_tries_come_later_each_time() -> None:
    assert [wait_seconds(tried) for tried in (1, 2, 3, 9)] == [20, 80, 320, 7_200]
    assert wait_seconds(1, Unavailable("no")) == 20
    assert wait_seconds(1, Throttled("wait", retry_after=900)) == 900
    assert wait_seconds(9, Throttled("wait", retry_after=900)) == 7_200
    assert wait_seconds(1, Throttled("wait", retry_after=86_400)) == 43_000
