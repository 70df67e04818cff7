"""One tenant's slow receivers delay no other tenant: measured with a receiver that answers after the other's did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.slots import Slots
from interlock.aws.tables.webhooks import Webhooks
from interlock.contract.alert import ALERTS_AT_ONCE
from interlock.contract.core import names
from interlock.contract.core.failure import Throttled
from interlock.contract.event import RunDetail, RunEvent
from interlock.contract.registry import Tenant
from interlock.contract.webhook import (
    DELIVERERS,
    DELIVERIES_AT_ONCE,
    MAX_DEFERRALS,
    DeliveryStatus,
    NewWebhook,
    WebhookDelivery,
    WebhookMessage,
    WebhookWithSecret,
)
from interlock.control.webhooks.alerts import AlertContext, serve_alert, set_alert
from interlock.control.webhooks.delivery import send_webhook
from interlock.control.webhooks.subscriptions import WebhookContext, add_webhook
from tests.support.cloud import AT, TENANT, Cloud

OTHER = "globex"
Result = TypeVar("Result")
LIMIT_SECONDS = 8.0
"""A receiver that was not let go by then has failed its test; the platform itself waits 10 s."""


@dataclass
class Receivers:
    """Two receivers behind one port: `/slow` answers once it is let go, `/quick` at once."""

    url: str = ""
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released for each call that the slow one holds."""
    let_go: threading.Event = field(default_factory=threading.Event)

    def hold(self, senders: ThreadPoolExecutor, call: Callable[[], Result]) -> Future[Result]:
        """A call that the slow one holds. They begin one after another, so each is counted as it comes."""
        result = senders.submit(call)
        assert self.arrived.acquire(timeout=LIMIT_SECONDS)
        return result


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    result = Receivers()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/slow":
                result.arrived.release()
                result.let_go.wait(LIMIT_SECONDS)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    result.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield result
    result.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def context(cloud: Cloud) -> WebhookContext:
    queue = client("sqs").create_queue(QueueName="webhooks")["QueueUrl"]
    cloud.registry.create_tenant(Tenant(id=OTHER, created=AT, status="active"))
    client("events").create_event_bus(Name=names.bus_name(OTHER))
    return WebhookContext(
        hooks=Webhooks(cloud.registry.table.name, cloud.runs.table.name),
        bucket=cloud.bucket,
        queue=queue,
        slots=Slots(cloud.runs.table.name, "webhooks", DELIVERIES_AT_ONCE, 30),
        queue_arn=cloud.queue_arn,
        loopback=True,
    )


def hook(context: WebhookContext, tenant: str, url: str) -> WebhookWithSecret:
    return add_webhook(context, tenant, NewWebhook(url=url, events=("asset.*",)), "me")


def message(subject: WebhookWithSecret, change: str) -> WebhookMessage:
    event = {"id": change, "detail-type": "asset.created", "detail": {"id": change, "at": AT}}
    return WebhookMessage(tenant=subject.webhook.tenant, webhook=subject.webhook.id, event=event)


def waiting(queue: str) -> list[dict[str, str]]:
    """What waits on a queue, also what is delayed: how many, by moto's own record."""
    fields = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=fields)["Attributes"]
    return [attributes] * sum(int(attributes[name]) for name in fields)


def statuses(deliveries: list[Future[WebhookDelivery | None]]) -> set[DeliveryStatus | None]:
    results = [one.result(LIMIT_SECONDS) for one in deliveries]
    return {delivery.status if delivery else None for delivery in results}


def test_held_receiver_delays_no_other_tenant(context: WebhookContext, receivers: Receivers) -> None:
    slow, quick = hook(context, TENANT, f"{receivers.url}/slow"), hook(context, OTHER, f"{receivers.url}/quick")
    with ThreadPoolExecutor(DELIVERERS) as senders:
        held = [
            receivers.hold(senders, partial(send_webhook, context, message(slow, f"c{n}")))
            for n in range(DELIVERIES_AT_ONCE)
        ]
        # All that the tenant may occupy is held; what comes now leaves its sender at once, and waits on the queue.
        more = [senders.submit(send_webhook, context, message(slow, f"more{n}")) for n in range(DELIVERERS)]
        assert statuses(more) == {DeliveryStatus.WAITING}
        done = senders.submit(send_webhook, context, message(quick, "c1")).result(LIMIT_SECONDS)
        assert done and done.status is DeliveryStatus.DELIVERED
        assert not any(one.done() for one in held), "the slow one was let go first, so nothing was shown"
        receivers.let_go.set()
        assert statuses(held) == {DeliveryStatus.DELIVERED}
    assert len(waiting(context.queue)) == DELIVERERS
    again = send_webhook(context, message(slow, "more0"))
    assert again and again.status is DeliveryStatus.DELIVERED, "its place is free again"


def test_held_alerts_wait_and_tried_ones_keep_their_count(
    cloud: Cloud, context: WebhookContext, receivers: Receivers
) -> None:
    slots = Slots(cloud.runs.table.name, "alerts", ALERTS_AT_ONCE, 30)
    alerts = AlertContext(cloud.registry, queue=context.queue, slots=slots, loopback=True)
    set_alert(alerts, TENANT, f"{receivers.url}/slow", "me")
    set_alert(alerts, OTHER, f"{receivers.url}/quick", "me")
    mine = RunDetail(
        id="x", type=RunEvent.FAILED, tenant=TENANT, at=AT, run="r", app="a/b", version="1.0.0", workflow="main"
    )
    with ThreadPoolExecutor(1) as senders, ExitStack() as places:
        # One place is a real call's; the others are occupied directly, so that no clock decides how many are free.
        held = receivers.hold(senders, partial(serve_alert, alerts, mine, 0))
        assert all(places.enter_context(slots.occupied(TENANT)) for _ in range(ALERTS_AT_ONCE - 1))
        assert serve_alert(alerts, mine, 0) is None
        with pytest.raises(Throttled):
            serve_alert(alerts, mine, 1)
        other = serve_alert(alerts, mine.model_copy(update={"tenant": OTHER}), 0)
        assert other and other.status == 204
        assert not held.done()
        receivers.let_go.set()
        delivery = held.result(LIMIT_SECONDS)
        assert delivery and delivery.status == 204
    assert len(waiting(context.queue)) == 1


def test_place_of_a_call_that_died_is_free_after_its_time(cloud: Cloud) -> None:
    over, long = (Slots(cloud.runs.table.name, "k", 1, seconds) for seconds in (0, 30))
    with over.occupied(TENANT) as first:
        assert first
        with long.occupied(TENANT) as second:
            assert second, "the first one's time is over"
            with long.occupied(TENANT) as third, long.occupied(OTHER) as other:
                assert (third, other) == (False, True)
        with long.occupied(TENANT) as again:
            assert again
    with long.occupied(TENANT) as early, over.occupied(TENANT) as late:
        assert (early, late) == (True, False)


def test_messages_carry_their_tenant_as_group(context: WebhookContext, receivers: Receivers) -> None:
    subject = hook(context, OTHER, f"{receivers.url}/quick")
    rule = {"Rule": subject.webhook.rule, "EventBusName": names.bus_name(OTHER)}
    (target,) = client("events").list_targets_by_rule(**rule)["Targets"]
    assert target["SqsParameters"] == {"MessageGroupId": OTHER}


def test_delivery_that_waits_for_a_place_has_an_end(context: WebhookContext, receivers: Receivers) -> None:
    subject = hook(context, TENANT, f"{receivers.url}/quick")
    none = replace(context, slots=Slots("runs", "none", 0, 30))
    first = send_webhook(none, message(subject, "c1"))
    assert first and first.status is DeliveryStatus.WAITING
    late = WebhookMessage(tenant=TENANT, webhook=subject.webhook.id, delivery=first.id, deferred=MAX_DEFERRALS)
    last = send_webhook(none, late)
    assert last and last.status is DeliveryStatus.FAILED
    assert "took all its places" in last.attempts[-1].error
    assert len(waiting(context.queue)) == 1
