"""Alerts: a tenant's webhook is notified of each failed run, signed by Standard Webhooks.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
The queue repeats a failed delivery with the same id and growing delays; in the end it is a dead letter.
"""

import base64
import hashlib
import hmac
import json
import os
import random
import time
from dataclasses import dataclass

from interlock.aws.services import public_http, queues
from interlock.aws.services.secrets import delete_secret, read_secret, write_secret
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.slots import Slots
from interlock.aws.tables.table import Key
from interlock.contract.alert import DEFER_SECONDS, SECRET_PREFIX, Alert, Delivery, NewAlert, alert_secret
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import NotFound, Throttled, Unavailable
from interlock.contract.event import RunDetail

SECRET_BYTES = 24
GONE = 410
"""The receiver says that it wants no more of them."""
FIRST_SECONDS = 20
MAX_SECONDS = 7_200
MAX_POSTPONE = 43_000
"""SQS hides a message for 12 hours at most, counted from when it was received.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""


@dataclass(frozen=True)
class AlertContext:
    """What alerts work with."""

    registry: Registry
    queue: str = ""
    """Where alerts wait; empty where none is sent from a queue."""
    slots: Slots | None = None
    """What a tenant may occupy at the same time; None where none is sent from a queue."""
    loopback: bool = False
    """Whether a webhook may be on this machine (the local platform)."""


def set_alert(context: AlertContext, tenant: str, url: str, actor: str) -> NewAlert:
    """Set a tenant's webhook, with a new signing secret.

    Raises:
        BadRequest: not a public https URL.
        Unavailable: its name can't be resolved.
    """
    tenant_id = context.registry.tenant(tenant).id
    public_http.check_url(url, loopback=context.loopback)
    secret = SECRET_PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()
    write_secret(alert_secret(tenant_id), secret)
    alert = Alert(tenant=tenant_id, url=url, set_by=actor, set_at=now())
    context.registry.table.put(_key(tenant_id), alert)
    return NewAlert(alert=alert, secret=secret)


def read_alert(context: AlertContext, tenant: str) -> Alert:
    """A tenant's webhook.

    Raises:
        NotFound: there is none.
    """
    row = context.registry.table.get(_key(tenant))
    if row is None:
        raise NotFound(
            "the tenant has no alert",
            where=f"tenant {tenant}",
            code="no-alert",
            next_step="interlock alert set https://…",
        )
    return row.read(Alert)


def remove_alert(context: AlertContext, tenant: str) -> Alert:
    """Remove a tenant's webhook. NotFound if there is none."""
    alert = read_alert(context, tenant)
    context.registry.table.delete(_key(tenant))
    delete_secret(alert_secret(tenant))
    return alert


def try_alert(context: AlertContext, tenant: str) -> Delivery:
    """Send a message of type `alert.test` now, and say how the webhook answered.

    Raises:
        NotFound: no alert is set.
        Unavailable: it did not answer.
    """
    alert = read_alert(context, tenant)
    at = now()
    body = {"type": "alert.test", "timestamp": at, "data": {"tenant": tenant, "text": "This is a test."}}
    return _send(context, alert, f"test-{names.ulid()}", json.dumps(body).encode())


def serve_alert(context: AlertContext, detail: RunDetail, tried: int) -> Delivery | None:
    """Serve a message of the queue of alerts: `send_alert`, within what its tenant may occupy of the senders.

    Args:
        context: what alerts work with.
        detail: the failed run.
        tried: how often the message was received before; one that was tried keeps its count, and so its end.

    Raises:
        Throttled: the tenant's places are occupied, or what `send_alert` raises.
    """
    if context.slots is None:
        return send_alert(context, detail)
    with context.slots.occupied(detail.tenant) as free:
        if free:
            return send_alert(context, detail)
    wait = random.randint(*DEFER_SECONDS)
    if tried:
        what = "other alerts of the tenant are being sent"
        raise Throttled(what, where=detail.tenant, next_step="interlock alert test", retry_after=wait)
    queues.send_later(context.queue, detail.model_dump_json(), detail.tenant, wait)
    return None


def send_alert(context: AlertContext, detail: RunDetail) -> Delivery | None:
    """Notify a tenant's webhook of a failed run. None if the tenant has no webhook, or the webhook is gone.

    Raises:
        BadRequest: the webhook's name leads to an address that is not public (any more).
        Unavailable: it did not answer, or not with a status of 2xx.
        Throttled: it asks to wait for the next try.
    """
    try:
        alert = read_alert(context, detail.tenant)
    except NotFound:
        return None
    body = {"type": detail.type.value, "timestamp": detail.at, "data": detail.model_dump(mode="json")}
    delivery = _send(context, alert, detail.id, json.dumps(body, ensure_ascii=False).encode())
    if delivery.status == GONE:
        return None
    if not delivery.ok and delivery.retry_after:
        raise Throttled(
            f"the webhook answered {delivery.status}, and asks to wait",
            where=detail.tenant,
            next_step="interlock alert test",
            retry_after=delivery.retry_after,
        )
    if not delivery.ok:
        raise Unavailable(
            f"the webhook answered {delivery.status}", where=detail.tenant, next_step="interlock alert test"
        )
    return delivery


def wait_seconds(receives: int, error: Exception | None = None) -> int:
    """How long a failed delivery waits before it is tried again, by how often it was tried: 20 s to 2 h.

    A receiver that asks for a longer pause gets it, up to what a queue can wait.
    """
    wait = min(FIRST_SECONDS * 4 ** max(receives - 1, 0), MAX_SECONDS)
    return min(max(wait, error.retry_after), MAX_POSTPONE) if isinstance(error, Throttled) else wait


def sign(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """The signature of a message: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _send(context: AlertContext, alert: Alert, message: str, body: bytes) -> Delivery:
    secret = read_secret(alert_secret(alert.tenant))
    if secret is None:
        raise NotFound("the alert has no secret", where=alert.tenant, next_step="interlock alert set https://…")
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message, timestamp, body),
    }
    return public_http.post(alert.url, headers, body, loopback=context.loopback)


def _key(tenant: str) -> Key:
    return Key(pk=f"TEN#{tenant}", sk="ALERT")
