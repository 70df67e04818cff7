"""Delivers an event to a webhook: signed, tried for a day, each attempt written down, none behind another one.

A delivery is written before it is sent, by an id made of the event: what the bus brings twice is one delivery. What
fails leaves the queue and waits on an agenda, so that a broken receiver fills no queue. Order is not promised. A tenant
occupies a part of the senders at most, so that its slow receivers delay nobody else's deliveries (ADR 0027).
"""

import hashlib
import json
import logging
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.services import event_bus, queues
from interlock.aws.services import public_http as outside
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.table import Stored
from interlock.aws.tables.webhooks import DueDelivery
from interlock.contract.core.base import Json, Moment, now, parse_moment
from interlock.contract.core.failure import BadRequest, Conflict, Failure, NotFound, Unavailable
from interlock.contract.core.names import ulid
from interlock.contract.event import WEBHOOKS_SOURCE, WebhookDetail, WebhookEvent
from interlock.contract.webhook import (
    FAILING_HOURS,
    FIRST_DEFER_SECONDS,
    LONGEST_DEFER_SECONDS,
    MAX_DEFERRALS,
    RETRY_SECONDS,
    TEST_EVENT,
    Attempt,
    DeliveryStatus,
    Webhook,
    WebhookDelivery,
    WebhookMessage,
    WebhookSecrets,
    WebhookStatus,
    delivery_id,
)
from interlock.control.clocks import InTime, Round, always, look_at_each
from interlock.control.webhooks.alerts import sign
from interlock.control.webhooks.subscriptions import WebhookContext, disable_webhook, secrets_of

log = logging.getLogger("interlock")
GONE = 410
JITTER = 0.1
MOST_DOUBLINGS = 4
QUEUE_SECONDS = 120
"""Waits up to here are the queue's own; longer ones stand on the agenda, whose clock looks once a minute."""


def send_webhook(context: WebhookContext, message: WebhookMessage) -> WebhookDelivery | None:
    """Serve a message of the queue; the delivery, or None where the webhook is gone."""
    try:
        webhook = context.hooks.find(message.tenant, message.webhook).item
    except NotFound:
        return None
    stored = _delivery(context, webhook, message)
    if stored is None:
        return None
    delivery = stored.item
    if delivery.status is not DeliveryStatus.WAITING:
        return delivery
    if webhook.status is not WebhookStatus.ACTIVE:
        attempt = Attempt(at=now(), error=f"the webhook is disabled: {webhook.why}")
        return _write(context, stored, _ended(delivery, attempt, DeliveryStatus.FAILED))
    if delivery.next and delivery.next > now(timedelta(seconds=1)):
        # Another delivery of the message was first; whether it lived to note the next try is not known.
        context.hooks.agenda.put(DueDelivery(at=delivery.next, message=_message(delivery)))
        return delivery
    if context.slots is None:
        return _try(context, webhook, stored)
    with context.slots.occupied(message.tenant) as free:
        if free:
            return _try(context, webhook, stored)
    if message.deferred >= MAX_DEFERRALS:
        attempt = Attempt(at=now(), error="other deliveries of the tenant took all its places")
        return _write(context, stored, _ended(delivery, attempt, DeliveryStatus.FAILED))
    _defer(context, delivery, message.deferred)
    return delivery


def try_webhook(context: WebhookContext, tenant: str, webhook: str) -> Attempt:
    """Send a message of type `webhook.test` now, also to a disabled webhook; how it was answered."""
    current = context.hooks.find(tenant, webhook).item
    data = {"tenant": tenant, "webhook": webhook, "text": "This is a test."}
    return _post(context, current, f"msg_test{ulid().lower()}", {"type": TEST_EVENT, "timestamp": now(), "data": data})


def retry_webhooks(context: WebhookContext, at: Moment, in_time: InTime = always) -> Round[DueDelivery]:
    """Put every delivery that is due back on the queue."""

    def send_again(due: DueDelivery) -> None:
        queues.send(context.queue, due.message.model_dump_json(), due.message.tenant)
        context.hooks.agenda.take(due)

    return look_at_each(context.hooks.agenda.due(at), send_again, lambda due: due.message.delivery, in_time)


def signatures(secrets: WebhookSecrets, message: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: by the current secret, and within a rotation by the one before too."""
    keys = [secrets.current]
    if secrets.previous and secrets.until and parse_moment(secrets.until).timestamp() > timestamp:
        keys.append(secrets.previous)
    return " ".join(sign(key, message, timestamp, body) for key in keys)


def wait_seconds(delivery: str, tried: int) -> float | None:
    """How long after so many attempts the next one is; None where there is none. The same for the same delivery."""
    if tried > len(RETRY_SECONDS):
        return None
    share = int(hashlib.sha256(f"{delivery}#{tried}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return RETRY_SECONDS[tried - 1] * (1 + JITTER * share)


def _delivery(context: WebhookContext, webhook: Webhook, message: WebhookMessage) -> Stored[WebhookDelivery] | None:
    if message.event is None:
        return context.hooks.delivery(webhook.tenant, webhook.id, message.delivery)
    detail: dict[str, Any] = message.event.get("detail") or {}
    change = str(detail.get("id") or message.event.get("id", ""))
    stored = context.hooks.delivery(webhook.tenant, webhook.id, delivery_id(webhook.id, change))
    if stored is not None:
        return stored
    name = str(message.event.get("detail-type", ""))
    at = str(detail.get("at") or message.event.get("time") or now())
    fresh = WebhookDelivery(
        id=delivery_id(webhook.id, change),
        webhook=webhook.id,
        tenant=webhook.tenant,
        event=name,
        created=now(),
        body=_bodies(context, webhook).keep({"type": name, "timestamp": at, "data": detail}),
    )
    try:
        return context.hooks.write_delivery(Stored(item=fresh, rev=0))
    except Conflict:
        return context.hooks.delivery(webhook.tenant, webhook.id, fresh.id)


def _try(context: WebhookContext, webhook: Webhook, stored: Stored[WebhookDelivery]) -> WebhookDelivery:
    delivery = stored.item
    attempt = _post(context, webhook, delivery.id, _bodies(context, webhook).read(delivery.body))
    if attempt.ok:
        done = _write(context, stored, _ended(delivery, attempt, DeliveryStatus.DELIVERED))
        _failing(context, webhook, since=None)
        return done
    if attempt.status == GONE:
        done = _write(context, stored, _ended(delivery, attempt, DeliveryStatus.FAILED))
        _disable(context, webhook, "it answered 410: it wants no more")
        return done
    wait = wait_seconds(delivery.id, delivery.tried + 1)
    if wait is None:
        done = _write(context, stored, _ended(delivery, attempt, DeliveryStatus.FAILED))
    else:
        wait = max(wait, attempt.retry_after)
        at = now(timedelta(seconds=wait))
        done = _write(
            context, stored, delivery.model_copy(update={"attempts": (*delivery.attempts, attempt), "next": at})
        )
        _later(context, done, wait)
    since = webhook.failing_since or attempt.at
    _failing(context, webhook, since=since)
    if datetime.now(UTC) - parse_moment(since) > timedelta(hours=FAILING_HOURS):
        _disable(context, webhook, f"it took nothing since {since}")
    return done


def _post(context: WebhookContext, webhook: Webhook, message: str, payload: Json) -> Attempt:
    body, timestamp = json.dumps(payload, ensure_ascii=False).encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(secrets_of(webhook.tenant, webhook.id), message, timestamp, body),
    }
    at, began = now(), time.monotonic()
    try:
        delivery = outside.post(webhook.url, headers, body, loopback=context.loopback)
    except (BadRequest, Unavailable) as error:
        return Attempt(at=at, error=error.what, duration_ms=round((time.monotonic() - began) * 1000, 3))
    error = "" if delivery.ok else f"it answered {delivery.status}"
    return Attempt(
        at=at,
        status=delivery.status,
        duration_ms=delivery.duration_ms,
        error=error,
        answer=delivery.answer,
        retry_after=0 if delivery.ok else delivery.retry_after,
    )


def _later(context: WebhookContext, delivery: WebhookDelivery, wait: float) -> None:
    message = _message(delivery)
    if wait <= QUEUE_SECONDS:
        queues.send_later(context.queue, message.model_dump_json(), message.tenant, int(wait) + 1)
    else:
        context.hooks.agenda.put(DueDelivery(at=str(delivery.next), message=message))


def _defer(context: WebhookContext, delivery: WebhookDelivery, deferred: int) -> None:
    """Let a delivery wait for one of its tenant's places: longer each time, and varied by chance."""
    message = _message(delivery).model_copy(update={"deferred": deferred + 1})
    longest = min(FIRST_DEFER_SECONDS * 2 ** min(deferred, MOST_DOUBLINGS), LONGEST_DEFER_SECONDS)
    wait = random.randint(longest // 2, longest)
    queues.send_later(context.queue, message.model_dump_json(), message.tenant, wait)


def _write(context: WebhookContext, stored: Stored[WebhookDelivery], after: WebhookDelivery) -> WebhookDelivery:
    context.hooks.write_delivery(Stored(item=after, rev=stored.rev))
    return after


def _ended(delivery: WebhookDelivery, attempt: Attempt, status: DeliveryStatus) -> WebhookDelivery:
    return delivery.model_copy(update={"attempts": (*delivery.attempts, attempt), "status": status, "next": None})


def _failing(context: WebhookContext, webhook: Webhook, since: Moment | None) -> None:
    """Note since when it fails, only where that changes: not a write for each delivery."""
    if webhook.failing_since == since:
        return
    stored = context.hooks.find(webhook.tenant, webhook.id)
    if stored.item.failing_since is not None and since is not None:
        return
    try:
        after = stored.item.model_copy(update={"failing_since": since})
        context.hooks.write(Stored(item=after, rev=stored.rev))
    except Conflict:
        log.info("noted at the same time by another delivery", extra={"webhook": webhook.id})


def _disable(context: WebhookContext, webhook: Webhook, why: str) -> None:
    """Disable it and tell the tenant's bus, once; a crash between the two leaves it to the item to tell."""
    try:
        disable_webhook(context, webhook.tenant, webhook.id, why)
        webhook_detail = WebhookDetail(
            id=ulid(), type=WebhookEvent.DISABLED, tenant=webhook.tenant, at=now(), webhook=webhook.id, why=why
        )
        event_bus.put_event(
            webhook.tenant, WEBHOOKS_SOURCE, webhook_detail.type.value, webhook_detail.model_dump_json()
        )
    except (Failure, *AWS_ERRORS):
        # The delivery is written: the next one that fails disables the webhook.
        log.exception("a webhook could not be disabled", extra={"webhook": webhook.id})


def _message(delivery: WebhookDelivery) -> WebhookMessage:
    return WebhookMessage(tenant=delivery.tenant, webhook=delivery.webhook, delivery=delivery.id)


def _bodies(context: WebhookContext, webhook: Webhook) -> Bodies:
    return Bodies(context.bucket, webhook.tenant, f"hook-{webhook.id}")
