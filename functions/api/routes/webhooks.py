"""Routes of a tenant's webhooks and their deliveries."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import EMPTY_IS_ABSENT, Cursor, DeliveryId, TenantId, WebhookId
from functions.api.routing import CurrentCaller, route
from interlock.contract.webhook import (
    Attempt,
    DeliveryPage,
    DeliveryStatus,
    NewWebhook,
    SecretRotation,
    Webhook,
    WebhookDelivery,
    WebhookList,
    WebhookWithSecret,
)
from interlock.control.webhooks import delivery as deliveries
from interlock.control.webhooks import subscriptions

WEBHOOKS = "/v1/tenants/<tenant>/webhooks"
WEBHOOK = f"{WEBHOOKS}/<webhook>"
Status = Annotated[DeliveryStatus | None, EMPTY_IS_ABSENT, Query(description="Only deliveries with this status.")]


@route("GET", WEBHOOKS, "webhooks.list", action="readWebhooks")
def list_webhooks(tenant: TenantId) -> WebhookList:
    """List a tenant's webhooks."""
    return subscriptions.list_webhooks(contexts.webhooks(), tenant)


@route("POST", WEBHOOKS, "webhooks.create", action="setWebhooks", status=201)
def create_webhook(
    tenant: TenantId,
    new: Annotated[NewWebhook, Body()],
    caller: CurrentCaller,
) -> WebhookWithSecret:
    """Subscribe a URL to events. The signing secret is in this answer and in no other."""
    return subscriptions.add_webhook(contexts.webhooks(), tenant, new, caller.principal)


@route("GET", WEBHOOK, "webhooks.get", action="readWebhooks")
def get_webhook(tenant: TenantId, webhook: WebhookId) -> Webhook:
    """Show one webhook."""
    return subscriptions.show_webhook(contexts.webhooks(), tenant, webhook)


@route("DELETE", WEBHOOK, "webhooks.delete", action="setWebhooks")
def delete_webhook(tenant: TenantId, webhook: WebhookId) -> Webhook:
    """Delete a webhook, its secrets and its deliveries."""
    return subscriptions.remove_webhook(contexts.webhooks(), tenant, webhook)


@route("POST", f"{WEBHOOK}/test", "webhooks.test", action="setWebhooks")
def test_webhook(tenant: TenantId, webhook: WebhookId) -> Attempt:
    """Send a test message to a webhook now, and show its answer."""
    return deliveries.try_webhook(contexts.webhooks(), tenant, webhook)


@route("POST", f"{WEBHOOK}/rotate", "webhooks.rotate_secret", action="setWebhooks")
def rotate_webhook_secret(
    tenant: TenantId, webhook: WebhookId, rotation: Annotated[SecretRotation, Body()]
) -> WebhookWithSecret:
    """Give a webhook a new secret, which only this answer has. Both secrets sign during the overlap."""
    return subscriptions.rotate_secret(contexts.webhooks(), tenant, webhook, rotation.overlap_hours)


@route("POST", f"{WEBHOOK}/disable", "webhooks.disable", action="setWebhooks")
def disable_webhook(tenant: TenantId, webhook: WebhookId, caller: CurrentCaller) -> Webhook:
    """Stop notifying a webhook."""
    return subscriptions.disable_webhook(contexts.webhooks(), tenant, webhook, f"by {caller.principal}")


@route("POST", f"{WEBHOOK}/enable", "webhooks.enable", action="setWebhooks")
def enable_webhook(tenant: TenantId, webhook: WebhookId) -> Webhook:
    """Notify a webhook again, from now on."""
    return subscriptions.enable_webhook(contexts.webhooks(), tenant, webhook)


@route("GET", f"{WEBHOOK}/deliveries", "webhook_deliveries.list", action="readWebhooks")
def list_deliveries(tenant: TenantId, webhook: WebhookId, status: Status = None, cursor: Cursor = None) -> DeliveryPage:
    """List the deliveries of a webhook with their attempts, newest first."""
    return subscriptions.list_deliveries(contexts.webhooks(), tenant, webhook, status, cursor)


@route(
    "POST",
    f"{WEBHOOK}/deliveries/<delivery>/redeliver",
    "webhook_deliveries.redeliver",
    action="setWebhooks",
    status=202,
)
def redeliver(tenant: TenantId, webhook: WebhookId, delivery: DeliveryId) -> WebhookDelivery:
    """Send a delivery again."""
    return subscriptions.redeliver(contexts.webhooks(), tenant, webhook, delivery)


@route("POST", f"{WEBHOOK}/redeliver", "webhook_deliveries.redeliver_failed", action="setWebhooks", status=202)
def redeliver_failed(tenant: TenantId, webhook: WebhookId) -> DeliveryPage:
    """Send a page of the failed deliveries again. Call it until it answers no delivery."""
    return subscriptions.redeliver_failed(contexts.webhooks(), tenant, webhook)
