"""Webhooks as people have them: add, look, test, rotate, disable, enable, remove, and deliver again."""

import base64
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interlock.aws.services import event_bus, public_http
from interlock.aws.services.queues import send
from interlock.aws.services.secrets import delete_secret, read_secret, write_secret
from interlock.aws.tables.slots import Slots
from interlock.aws.tables.table import Stored
from interlock.aws.tables.webhooks import Webhooks
from interlock.contract.alert import SECRET_PREFIX
from interlock.contract.core import names
from interlock.contract.core.base import moment, now
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.event_pattern import faults
from interlock.contract.webhook import (
    MAX_OVERLAP_HOURS,
    MAX_WEBHOOKS,
    DeliveryPage,
    DeliveryStatus,
    NewWebhook,
    Webhook,
    WebhookDelivery,
    WebhookList,
    WebhookMessage,
    WebhookSecrets,
    WebhookStatus,
    WebhookWithSecret,
    secret_name,
)

PAGE = 50
SECRET_BYTES = 24


@dataclass(frozen=True)
class WebhookContext:
    """What webhooks work with."""

    hooks: Webhooks
    bucket: str
    queue: str
    slots: Slots | None = None
    """What a tenant may occupy at the same time; None where nothing is delivered from a queue."""
    queue_arn: str = ""
    loopback: bool = False
    """Whether a webhook may be on this machine (the local platform)."""


def add_webhook(context: WebhookContext, tenant: str, new_webhook: NewWebhook, by: str) -> WebhookWithSecret:
    """Subscribe a URL to events, with a new signing secret.

    Raises:
        BadRequest: not a public https URL, or no pattern.
        Conflict: the tenant has as many as there may be.
    """
    fault = next(faults(new_webhook.where), "") if new_webhook.where else ""
    if fault:
        raise BadRequest(fault, where="where", code="webhook-pattern", next_step="See patterns in docs/webhooks.md.")
    check_url(context, new_webhook.url)
    if len(context.hooks.of_tenant(tenant)) >= MAX_WEBHOOKS:
        what = f"a tenant has at most {MAX_WEBHOOKS} webhooks"
        raise Conflict(what, where=tenant, code="webhook-limit", next_step="interlock webhook list")
    webhook = Webhook(
        id=names.ulid().lower(),
        tenant=tenant,
        url=new_webhook.url,
        events=new_webhook.events,
        where=new_webhook.where,
        created=now(),
        by=by,
    )
    secret = _new_secret()
    write_secret(secret_name(tenant, webhook.id), WebhookSecrets(current=secret).model_dump_json())
    context.hooks.write(Stored(item=webhook, rev=0))
    route_webhook(webhook, context.queue_arn)
    return WebhookWithSecret(webhook=webhook, secret=secret)


def check_url(context: WebhookContext, url: str) -> None:
    """Refuse a URL that leads to no public address.

    Raises:
        BadRequest: it does not.
        Unavailable: its name can't be resolved.
    """
    try:
        public_http.check_url(url, loopback=context.loopback)
    except BadRequest as error:
        step = "Give a public https URL: interlock webhook add https://…"
        raise BadRequest(error.what, where="url", code="webhook-url", next_step=step) from error


def list_webhooks(context: WebhookContext, tenant: str) -> WebhookList:
    """A tenant's webhooks."""
    return WebhookList(webhooks=tuple(context.hooks.of_tenant(tenant)))


def show_webhook(context: WebhookContext, tenant: str, webhook: str) -> Webhook:
    """One webhook; NotFound where the tenant has none of this id."""
    return context.hooks.find(tenant, webhook).item


def rotate_secret(context: WebhookContext, tenant: str, webhook: str, overlap_hours: int) -> WebhookWithSecret:
    """Give a webhook a new secret; the old one signs too for a while.

    Raises:
        BadRequest: no such overlap.
    """
    if not 0 <= overlap_hours <= MAX_OVERLAP_HOURS:
        what = f"the overlap must be 0 to {MAX_OVERLAP_HOURS} hours"
        raise BadRequest(what, where="overlap_hours", code="webhook-overlap", next_step="interlock webhook rotate ID")
    stored = context.hooks.find(tenant, webhook)
    now = datetime.now(UTC)
    before, secret = secrets_of(tenant, webhook), _new_secret()
    until = moment(now + timedelta(hours=overlap_hours))
    after = WebhookSecrets(current=secret, previous=before.current, until=until)
    write_secret(secret_name(tenant, webhook), after.model_dump_json())
    current = stored.item.model_copy(update={"rotated": moment(now)})
    context.hooks.write(Stored(item=current, rev=stored.rev))
    return WebhookWithSecret(webhook=current, secret=secret)


def disable_webhook(context: WebhookContext, tenant: str, webhook: str, why: str) -> Webhook:
    """Tell it nothing any more; what is on its way ends as failed."""
    stored = context.hooks.find(tenant, webhook)
    current = stored.item.model_copy(update={"status": WebhookStatus.DISABLED, "why": why})
    context.hooks.write(Stored(item=current, rev=stored.rev))
    event_bus.delete_rule(tenant, current.rule)
    return current


def enable_webhook(context: WebhookContext, tenant: str, webhook: str) -> Webhook:
    """Tell it again from now on; what failed meanwhile is delivered again on request."""
    stored = context.hooks.find(tenant, webhook)
    check_url(context, stored.item.url)
    current = stored.item.model_copy(update={"status": WebhookStatus.ACTIVE, "why": "", "failing_since": None})
    context.hooks.write(Stored(item=current, rev=stored.rev))
    route_webhook(current, context.queue_arn)
    return current


def remove_webhook(context: WebhookContext, tenant: str, webhook: str) -> Webhook:
    """Forget a webhook, its secrets and its deliveries."""
    current = context.hooks.find(tenant, webhook).item
    forget_webhook(context.hooks, current)
    return current


def forget_webhook(hooks: Webhooks, webhook: Webhook) -> None:
    """Delete all of it; the item last, so that what died on the way is found again."""
    event_bus.delete_rule(webhook.tenant, webhook.rule)
    delete_secret(secret_name(webhook.tenant, webhook.id))
    hooks.remove(webhook)


def list_deliveries(
    context: WebhookContext, tenant: str, webhook: str, status: DeliveryStatus | None, cursor: str | None
) -> DeliveryPage:
    """A page of a webhook's deliveries, newest first."""
    context.hooks.find(tenant, webhook)
    page = context.hooks.page(tenant, webhook, status, limit=PAGE, cursor=cursor)
    return DeliveryPage(deliveries=tuple(row.read(WebhookDelivery) for row in page.rows), cursor=page.cursor)


def redeliver(context: WebhookContext, tenant: str, webhook: str, delivery: str) -> WebhookDelivery:
    """Put one delivery on its way again, with all its attempts before it.

    Raises:
        NotFound: no such delivery.
        Conflict: it is on its way, or the webhook is disabled.
    """
    _require_active(context, tenant, webhook)
    stored = context.hooks.delivery(tenant, webhook, delivery)
    if stored is None:
        where = f"webhook {webhook}"
        raise NotFound(
            f"delivery {delivery} does not exist", where=where, next_step=f"interlock webhook deliveries {webhook}"
        )
    if stored.item.status is DeliveryStatus.WAITING:
        raise Conflict(
            "the delivery is still being sent", where=delivery, code="webhook-on-its-way", next_step="Wait for its end."
        )
    return _again(context, stored)


def redeliver_failed(context: WebhookContext, tenant: str, webhook: str) -> DeliveryPage:
    """Put a page of the failed deliveries on their way again; call it until it answers none.

    Raises:
        Conflict: the webhook is disabled.
    """
    _require_active(context, tenant, webhook)
    page = context.hooks.page(tenant, webhook, DeliveryStatus.FAILED, limit=PAGE, cursor=None)
    again: list[WebhookDelivery] = []
    for row in page.rows:
        stored = context.hooks.delivery(tenant, webhook, row.read(WebhookDelivery).id)
        if stored is not None and stored.item.status is DeliveryStatus.FAILED:
            again.append(_again(context, stored))
    return DeliveryPage(deliveries=tuple(again), cursor=page.cursor)


def secrets_of(tenant: str, webhook: str) -> WebhookSecrets:
    """The signing secrets of a webhook.

    Raises:
        NotFound: it has none (any more).
    """
    text = read_secret(secret_name(tenant, webhook))
    if text is None:
        raise NotFound("the webhook has no secret", where=webhook, next_step=f"interlock webhook remove {webhook}")
    return WebhookSecrets.model_validate_json(text)


def _again(context: WebhookContext, stored: Stored[WebhookDelivery]) -> WebhookDelivery:
    delivery = stored.item
    change = {"status": DeliveryStatus.WAITING, "round": len(delivery.attempts), "next": now()}
    after = delivery.model_copy(update=change)
    context.hooks.write_delivery(Stored(item=after, rev=stored.rev))
    message = WebhookMessage(tenant=delivery.tenant, webhook=delivery.webhook, delivery=delivery.id)
    send(context.queue, message.model_dump_json(), message.tenant)
    return after


def _require_active(context: WebhookContext, tenant: str, webhook: str) -> None:
    if context.hooks.find(tenant, webhook).item.status is not WebhookStatus.ACTIVE:
        step = f"interlock webhook enable {webhook}"
        raise Conflict("the webhook is disabled", where=webhook, code="webhook-disabled", next_step=step)


def route_webhook(webhook: Webhook, queue_arn: str) -> None:
    """Let the tenant's bus send a webhook's events to the queue of deliveries."""
    message = {"tenant": webhook.tenant, "webhook": webhook.id}
    event_bus.put_rule(webhook.tenant, webhook.rule, webhook.pattern(), queue_arn, message)


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()
