"""What is sent out, kept or let in, disturbed at each of its calls to AWS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.errors import AWS_ERRORS
from interlock.aws.services import public_http
from interlock.aws.tables.slots import Slots
from interlock.aws.tables.table import Stored
from interlock.aws.tables.webhooks import DueDelivery, Webhooks
from interlock.contract.alert import Delivery
from interlock.contract.core import limits, names
from interlock.contract.core.base import moment
from interlock.contract.core.failure import Forbidden, Undeliverable
from interlock.contract.dead_letter import NO_TENANT
from interlock.contract.event import RunDetail, RunEvent
from interlock.contract.registry import Membership, Role
from interlock.contract.start_message import run_of
from interlock.contract.webhook import NewWebhook, WebhookMessage, delivery_id
from interlock.control.access.authorize import caller_of, require
from interlock.control.events.dead_letters import DeadLetterContext, show_dead
from interlock.control.events.record_dead_letter import record_failed, record_refused, record_unreadable
from interlock.control.webhooks.alerts import AlertContext, serve_alert, set_alert
from interlock.control.webhooks.delivery import retry_webhooks, send_webhook
from interlock.control.webhooks.subscriptions import WebhookContext, add_webhook
from tests.support.aws_faults import Case, Fault, disturb_everywhere, disturbing, show
from tests.support.cloud import AT, TENANT, Cloud
from tests.support.records import message, received

WAITED = timedelta(days=2)
DETAIL = RunDetail(
    id="r1:run.failed", type=RunEvent.FAILED, tenant=TENANT, at=AT, run="r1", app="acme/app", version="1.0.0",
    workflow="main", explanation="Run r1 failed",
)  # fmt: skip


class Outside:
    """A system outside that answers with `status`, and the ids of what it got."""

    def __init__(self) -> None:
        self.status, self.ids = 200, list[str]()

    def post(self, _url: str, headers: dict[str, str], _body: bytes, *, loopback: bool) -> Delivery:
        assert loopback
        self.ids.append(headers["webhook-id"])
        return Delivery(status=self.status, duration_ms=1.0)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    subject = Outside()
    monkeypatch.setattr(public_http, "post", subject.post)
    return subject


def later(span: timedelta = WAITED) -> str:
    return moment(datetime.now(UTC) + span)


@pytest.fixture
def hooks(cloud: Cloud) -> WebhookContext:
    queue = client("sqs").create_queue(QueueName="webhooks")["QueueUrl"]
    tables = Webhooks(cloud.registry.table.name, cloud.runs.table.name)
    slots = Slots(cloud.runs.table.name, "webhooks", 200, 60)
    return WebhookContext(tables, cloud.bucket, queue, slots, cloud.queue_arn, loopback=True)


def delayed(queue: str) -> bool:
    name = "ApproximateNumberOfMessagesDelayed"
    return client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name] != "0"


@pytest.mark.parametrize("status", [200, 500])
def test_webhook(hooks: WebhookContext, outside: Outside, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Delivered by one id, or with the next try on the queue or on the agenda."""
    outside.status = status
    webhook = add_webhook(hooks, TENANT, NewWebhook(url="https://127.0.0.1/", events=("asset.*",)), "me").webhook

    def prepare(word: str) -> tuple[WebhookContext, WebhookMessage]:
        queue = client("sqs").create_queue(QueueName=f"of-{word}")["QueueUrl"]
        outside.ids.clear()
        stored = hooks.hooks.find(TENANT, webhook.id)
        hooks.hooks.write(Stored(item=webhook, rev=stored.rev))
        event = {"id": word, "detail-type": "asset.created", "detail": {"id": word, "at": AT}}
        return replace(hooks, queue=queue), WebhookMessage(tenant=TENANT, webhook=webhook.id, event=event)

    def act(subject: tuple[WebhookContext, WebhookMessage]) -> None:
        send_webhook(*subject)

    def look(subject: tuple[WebhookContext, WebhookMessage]) -> dict[str, Any]:
        event = subject[1].event
        assert event
        name = delivery_id(webhook.id, str(event["id"]))
        stored = hooks.hooks.delivery(TENANT, webhook.id, name)
        assert stored is not None
        ahead = any(due.message.delivery == name for due in hooks.hooks.agenda.due(later()))
        return {
            "status": stored.item.status,
            "tries": stored.item.tried,
            "ids": set(outside.ids) == {name},
            "ahead": ahead or delayed(subject[0].queue),
        }

    show(capsys, disturb_everywhere(Case(f"send_webhook, answered {status}", prepare, act, look)))


def test_retries(hooks: WebhookContext, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare(word: str) -> DueDelivery:
        message = WebhookMessage(tenant=TENANT, webhook="w", delivery=word)
        due = DueDelivery(at=later(-WAITED), message=message)
        hooks.hooks.agenda.put(due)
        return due

    def act(_: DueDelivery) -> None:
        retry_webhooks(hooks, later())

    def look(due: DueDelivery) -> dict[str, Any]:
        sent = {WebhookMessage.model_validate_json(body).delivery for body in received(hooks.queue)}
        return {"sent": sent == {due.message.delivery}, "due": list(hooks.hooks.agenda.due(later()))}

    show(capsys, disturb_everywhere(Case("retry_webhooks", prepare, act, look)))


def test_alert(cloud: Cloud, outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    slots = Slots(cloud.runs.table.name, "alerts", 200, 60)
    alerts = AlertContext(cloud.registry, cloud.queue, slots, loopback=True)
    set_alert(alerts, TENANT, "https://127.0.0.1/", "me")

    def prepare(word: str) -> RunDetail:
        outside.ids.clear()
        return DETAIL.model_copy(update={"id": word})

    def look(detail: RunDetail) -> bool:
        return set(outside.ids) == {detail.id}

    show(capsys, disturb_everywhere(Case("send_alert", prepare, lambda detail: serve_alert(alerts, detail, 1), look)))


@pytest.mark.parametrize("kind", ["failed", "refused", "unreadable"])
def test_dead_letter(cloud: Cloud, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    desk = DeadLetterContext(runs=cloud.runs, bucket=cloud.bucket, queue=cloud.queue)
    tables = (cloud.runs, cloud.registry, cloud.bucket)
    payload = {"text": "x" * limits.INLINE_BODY_BYTES}

    def act(word: str) -> None:
        start = message("i", id=word, input=payload)
        if kind == "failed":
            record_failed(start, TimeoutError("no answer"), *tables)
        elif kind == "refused":
            record_refused(start, Undeliverable("it is stopped", code="event.install-stopped"), *tables)
        else:
            record_unreadable(f"nonsense {word}", cloud.runs, cloud.bucket)

    def look(word: str) -> dict[str, Any]:
        unreadable = kind == "unreadable"
        name = names.run_id(NO_TENANT, f"nonsense {word}") if unreadable else run_of(message("i", id=word))
        shown = show_dead(desk, NO_TENANT if unreadable else TENANT, name)
        whole = shown.payload == f"nonsense {word}" if unreadable else shown.payload["input"] == payload
        return {"state": shown.letter.state, "code": shown.letter.code, "whole": whole}

    show(capsys, disturb_everywhere(Case(f"record_{kind}", str, act, look)))


REFUSALS = (Fault.THROTTLE, Fault.ERROR, Fault.LOST)


@pytest.mark.parametrize("fault", REFUSALS)
def test_nobody_is_let_in_or_refused_by_an_error(cloud: Cloud, fault: Fault) -> None:
    """An error is no decision: a stranger stays outside, and a member is not taken for one."""
    cloud.registry.join(Membership(principal="ann", scope=f"tenant/{TENANT}", role=Role.ADMIN))
    for principal in ("ann", "mallory"):
        with disturbing() as disturber:
            disturber.fault, disturber.at = fault, 1
            with pytest.raises(AWS_ERRORS):
                require(caller_of(cloud.registry, principal), "readTenant", f"tenant/{TENANT}")
    require(caller_of(cloud.registry, "ann"), "readTenant", f"tenant/{TENANT}")
    with pytest.raises(Forbidden):
        require(caller_of(cloud.registry, "mallory"), "readTenant", f"tenant/{TENANT}")
