"""Webhooks out: signed so that the standard's own library agrees, tried for a day, given up aloud, never let inside."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from interlock.aws.clients import client
from interlock.aws.services.secrets import write_secret
from interlock.aws.tables.table import Stored
from interlock.aws.tables.webhooks import Webhooks
from interlock.contract.core import names
from interlock.contract.core.base import moment, parse_moment
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.webhook import (
    RETRY_SECONDS,
    DeliveryStatus,
    NewWebhook,
    WebhookMessage,
    WebhookSecrets,
    WebhookStatus,
    WebhookWithSecret,
    secret_name,
)
from interlock.control.webhooks.delivery import retry_webhooks, send_webhook, try_webhook, wait_seconds
from interlock.control.webhooks.subscriptions import (
    WebhookContext,
    add_webhook,
    enable_webhook,
    list_deliveries,
    redeliver,
    redeliver_failed,
    remove_webhook,
    rotate_secret,
    secrets_of,
    show_webhook,
)
from tests.support.cloud import TENANT, Cloud


@dataclass
class Receiver:
    """A system outside that keeps what it got and answers with `status`."""

    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])
    url: str = ""

    def verified(self, secret: str, at: int = -1) -> Any:
        """What it got, if the standard's library takes the signature."""
        headers, body = self.got[at]
        return Verifier(secret).verify(body, headers)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    result = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            result.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(result.status)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.end_headers()
            self.wfile.write(b"x" * 10_000)

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


@pytest.fixture
def context(cloud: Cloud) -> WebhookContext:
    queue = client("sqs").create_queue(QueueName="webhooks")["QueueUrl"]
    hooks = Webhooks(cloud.registry.table.name, cloud.runs.table.name)
    return WebhookContext(hooks=hooks, bucket=cloud.bucket, queue=queue, queue_arn=cloud.queue_arn, loopback=True)


def added(context: WebhookContext, url: str, *events: str, **where: Any) -> WebhookWithSecret:
    return add_webhook(context, TENANT, NewWebhook(url=url, events=events or ("asset.*",), where=where), "me")


def event(subject: WebhookWithSecret, change: str = "c1", **detail: Any) -> WebhookMessage:
    row = {"id": "x", "detail-type": "asset.created", "detail": {"id": change, "at": "2026-01-01T00:00:00Z", **detail}}
    return WebhookMessage(tenant=TENANT, webhook=subject.webhook.id, event=row)


def later(**span: float) -> str:
    return moment(datetime.now(UTC) + timedelta(**span))


def make_due(context: WebhookContext, subject: WebhookWithSecret, delivery: str) -> WebhookMessage:
    """The delivery as it is when its next attempt's time has come."""
    stored = context.hooks.delivery(TENANT, subject.webhook.id, delivery)
    assert stored is not None
    due = stored.item.model_copy(update={"next": later(seconds=-1)})
    context.hooks.write_delivery(Stored(item=due, rev=stored.rev))
    return WebhookMessage(tenant=TENANT, webhook=subject.webhook.id, delivery=delivery)


def test_an_event_is_delivered_once_signed_by_the_standard(context: WebhookContext, receiver: Receiver) -> None:
    subject = added(context, receiver.url, asset={"type": ["table"]})
    bus = names.bus_name(TENANT)
    rule = client("events").describe_rule(Name=subject.webhook.rule, EventBusName=bus)
    wanted = {"source": ["interlock.catalog"], "detail-type": [{"prefix": "asset."}]}
    assert json.loads(rule["EventPattern"]) == wanted | {"detail": {"asset": {"type": ["table"]}}}
    done = [send_webhook(context, event(subject, word="größe")) for _ in range(3)][-1]
    assert done and done.status is DeliveryStatus.DELIVERED
    assert len(receiver.got) == 1
    assert receiver.verified(subject.secret)["data"]["word"] == "größe"
    assert receiver.got[0][0]["webhook-id"] == done.id
    (attempt,) = done.attempts
    assert (attempt.status, len(attempt.answer)) == (200, 500)
    with pytest.raises(WebhookVerificationError):
        receiver.verified("whsec_" + "A" * 32)
    assert subject.secret not in context.hooks.find(TENANT, subject.webhook.id).item.model_dump_json()


def test_both_secrets_sign_while_a_rotation_lasts(context: WebhookContext, receiver: Receiver) -> None:
    subject = added(context, receiver.url)
    fresh = rotate_secret(context, TENANT, subject.webhook.id, 1)
    assert try_webhook(context, TENANT, subject.webhook.id).ok
    assert receiver.verified(subject.secret) == receiver.verified(fresh.secret)
    result = secrets_of(TENANT, subject.webhook.id)
    over = WebhookSecrets(current=result.current, previous=result.previous, until=later(seconds=-1))
    write_secret(secret_name(TENANT, subject.webhook.id), over.model_dump_json())
    assert try_webhook(context, TENANT, subject.webhook.id).ok
    assert receiver.verified(fresh.secret)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(subject.secret)


def test_retries_span_a_day_and_end_as_failed(context: WebhookContext, receiver: Receiver) -> None:
    subject, receiver.status = added(context, receiver.url), 500
    done = send_webhook(context, event(subject))
    waits: list[float] = []
    while done and done.status is DeliveryStatus.WAITING:
        assert done.next
        waits.append((parse_moment(done.next) - parse_moment(done.attempts[-1].at)).total_seconds())
        done = send_webhook(context, make_due(context, subject, done.id))
    assert done and done.status is DeliveryStatus.FAILED
    assert len(done.attempts) == len(RETRY_SECONDS) + 1
    assert sum(waits) >= 24 * 3600
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert wait_seconds(done.id, 1) == wait_seconds(done.id, 1) != wait_seconds("other", 1)

    receiver.status = 200
    redeliver(context, TENANT, subject.webhook.id, done.id)
    again = send_webhook(context, WebhookMessage(tenant=TENANT, webhook=subject.webhook.id, delivery=done.id))
    assert again and again.status is DeliveryStatus.DELIVERED
    assert len(again.attempts) == len(RETRY_SECONDS) + 2
    assert show_webhook(context, TENANT, subject.webhook.id).failing_since is None


def test_the_clock_brings_back_what_is_due_and_nothing_else(context: WebhookContext, receiver: Receiver) -> None:
    subject, receiver.status = added(context, receiver.url), 503
    first = send_webhook(context, event(subject))
    assert first
    for _ in range(2):
        first = send_webhook(context, make_due(context, subject, first.id))
        assert first
    assert retry_webhooks(context, later(seconds=30)).seen == ()
    assert len(retry_webhooks(context, later(minutes=6)).seen) == 1
    early = send_webhook(context, WebhookMessage(tenant=TENANT, webhook=subject.webhook.id, delivery=first.id))
    assert early and len(early.attempts) == 3, "a message that comes too early tries nothing"
    other = send_webhook(context, event(subject, "c2"))
    assert other and len(other.attempts) == 1, "another delivery does not wait for it"


@pytest.mark.parametrize("status", [410, 500])
def test_a_receiver_that_is_gone_or_fails_for_a_day_is_disabled(
    cloud: Cloud, context: WebhookContext, receiver: Receiver, status: int
) -> None:
    subject, receiver.status = added(context, receiver.url), status
    queue = client("sqs").create_queue(QueueName="told")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = names.bus_name(TENANT)
    client("events").put_rule(Name="t", EventBusName=bus, EventPattern='{"detail-type": ["webhook.disabled"]}')
    client("events").put_targets(Rule="t", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])
    if status == 500:
        stored = context.hooks.find(TENANT, subject.webhook.id)
        failing = stored.item.model_copy(update={"failing_since": later(hours=-25)})
        context.hooks.write(Stored(item=failing, rev=stored.rev))
    send_webhook(context, event(subject))
    result = show_webhook(context, TENANT, subject.webhook.id)
    assert result.status is WebhookStatus.DISABLED
    (message,) = client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["detail"]["why"] == result.why
    with pytest.raises(client("events").exceptions.ResourceNotFoundException):
        client("events").describe_rule(Name=subject.webhook.rule, EventBusName=bus)
    held = send_webhook(context, event(subject, "c2"))
    assert held and held.status is DeliveryStatus.FAILED
    assert len(receiver.got) == 1
    with pytest.raises(Conflict):
        redeliver_failed(context, TENANT, subject.webhook.id)

    receiver.status = 200
    enable_webhook(context, TENANT, subject.webhook.id)
    again = redeliver_failed(context, TENANT, subject.webhook.id).deliveries
    assert {row.id for row in again} >= {held.id}
    for row in again:
        send_webhook(context, WebhookMessage(tenant=TENANT, webhook=subject.webhook.id, delivery=row.id))
    assert {row.status for row in _all(context, subject) if row.id in {one.id for one in again}} == {
        DeliveryStatus.DELIVERED
    }


def _all(context: WebhookContext, subject: WebhookWithSecret) -> tuple[Any, ...]:
    return list_deliveries(context, TENANT, subject.webhook.id, None, None).deliveries


def test_a_removed_webhook_leaves_nothing(context: WebhookContext, receiver: Receiver) -> None:
    subject = added(context, receiver.url)
    send_webhook(context, event(subject))
    remove_webhook(context, TENANT, subject.webhook.id)
    assert send_webhook(context, event(subject, "c2")) is None
    assert not context.hooks.page(TENANT, subject.webhook.id, None, limit=10, cursor=None).rows
    with pytest.raises(NotFound):
        secrets_of(TENANT, subject.webhook.id)


def test_a_redirect_is_a_failure_that_is_never_followed(context: WebhookContext, receiver: Receiver) -> None:
    subject, receiver.status = added(context, receiver.url), 302
    done = send_webhook(context, event(subject))
    assert done and (done.status, done.attempts[0].status) == (DeliveryStatus.WAITING, 302)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::ffff:169.254.169.254]/",
     "https://[64:ff9b::a9fe:a9fe]/", "https://127.0.0.1/", "http://93.184.216.34/", "https://[fd00:ec2::254]/"],
)  # fmt: skip
def test_an_address_inside_is_refused(context: WebhookContext, url: str) -> None:
    strict = WebhookContext(hooks=context.hooks, bucket=context.bucket, queue=context.queue)
    with pytest.raises(BadRequest) as refused:
        added(strict, url)
    assert refused.value.code == "webhook-url"


def test_a_name_that_leads_inside_later_is_not_called(
    context: WebhookContext, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver answers a public address while the webhook is added, then one inside; each call asks it once."""
    answers = ["93.184.216.34", "127.0.0.1", "169.254.169.254"]
    request: list[str] = []
    real = socket.getaddrinfo

    def lying(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *args, **more)
        request.append(answers[min(len(request), len(answers) - 1)])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (request[-1], port))]

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    strict = WebhookContext(
        hooks=context.hooks, bucket=context.bucket, queue=context.queue, queue_arn=context.queue_arn
    )
    subject = added(strict, f"https://rebind.example:{receiver.url.split(':')[2].split('/')[0]}/")
    for at in (1, 2):
        done = send_webhook(strict, event(subject, f"c{at}"))
        assert done and answers[at] in done.attempts[0].error
    assert request == answers
    assert receiver.got == []
