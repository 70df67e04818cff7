"""Routes of a tenant's webhooks."""

from functools import cache

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, one_of, settings, word
from interlock.aws.tables.webhooks import Hooks
from interlock.contract.webhook import DeliveryStatus, NewWebhook, SecretRotation
from interlock.control.webhooks.delivery import try_webhook
from interlock.control.webhooks.subscriptions import (
    Webhooks,
    add_webhook,
    disable_webhook,
    enable_webhook,
    list_deliveries,
    list_webhooks,
    redeliver,
    redeliver_failed,
    remove_webhook,
    rotate_secret,
    show_webhook,
)

HOOKS = "/v1/tenants/<tenant>/webhooks"
HOOK = f"{HOOKS}/<webhook>"


@cache
def webhooks() -> Webhooks:
    """What webhooks work with, once in a process."""
    words = settings()
    return Webhooks(
        hooks=Hooks(words.registry_table, words.runs_table),
        bucket=words.data_bucket,
        queue=words.webhook_queue,
        queue_arn=words.webhook_queue_arn,
        loopback=words.loopback_alerts,
    )


def status() -> DeliveryStatus | None:
    """The status that is asked for; None for every one.

    Raises:
        BadRequest: there is no such status.
    """
    text = word("status")
    return one_of(DeliveryStatus, text, "status", "status of a delivery") if text else None


@app.post(HOOKS)
def added(tenant: str) -> Response[str]:
    """Subscribe a URL to events; the answer holds the signing secret, this once."""
    by = caller("setWebhooks", f"tenant/{tenant}")
    return ok(add_webhook(webhooks(), tenant, NewWebhook.model_validate_json(body()), by.principal), 201)


@app.get(HOOKS)
def every(tenant: str) -> Response[str]:
    """The tenant's webhooks."""
    caller("readWebhooks", f"tenant/{tenant}")
    return ok(list_webhooks(webhooks(), tenant))


@app.get(HOOK)
def one(tenant: str, webhook: str) -> Response[str]:
    """One webhook."""
    caller("readWebhooks", f"tenant/{tenant}")
    return ok(show_webhook(webhooks(), tenant, webhook))


@app.delete(HOOK)
def removed(tenant: str, webhook: str) -> Response[str]:
    """Forget a webhook, its secrets and its deliveries."""
    caller("setWebhooks", f"tenant/{tenant}")
    return ok(remove_webhook(webhooks(), tenant, webhook))


@app.post(f"{HOOK}/test")
def tested(tenant: str, webhook: str) -> Response[str]:
    """Send a test message now; how it was answered."""
    caller("setWebhooks", f"tenant/{tenant}")
    return ok(try_webhook(webhooks(), tenant, webhook))


@app.post(f"{HOOK}/rotate")
def rotated(tenant: str, webhook: str) -> Response[str]:
    """Give it a new secret, shown this once; both sign during the overlap."""
    caller("setWebhooks", f"tenant/{tenant}")
    asked = SecretRotation.model_validate_json(body())
    return ok(rotate_secret(webhooks(), tenant, webhook, asked.overlap_hours))


@app.post(f"{HOOK}/disable")
def disabled(tenant: str, webhook: str) -> Response[str]:
    """Tell it nothing any more."""
    by = caller("setWebhooks", f"tenant/{tenant}")
    return ok(disable_webhook(webhooks(), tenant, webhook, f"by {by.principal}"))


@app.post(f"{HOOK}/enable")
def enabled(tenant: str, webhook: str) -> Response[str]:
    """Tell it again, from now on."""
    caller("setWebhooks", f"tenant/{tenant}")
    return ok(enable_webhook(webhooks(), tenant, webhook))


@app.get(f"{HOOK}/deliveries")
def deliveries(tenant: str, webhook: str) -> Response[str]:
    """A page of its deliveries with their attempts, of a `status` or of all, newest first."""
    caller("readWebhooks", f"tenant/{tenant}")
    return ok(list_deliveries(webhooks(), tenant, webhook, status(), word("cursor") or None))


@app.post(f"{HOOK}/deliveries/<delivery>/redeliver")
def again(tenant: str, webhook: str, delivery: str) -> Response[str]:
    """Put a delivery on its way again."""
    caller("setWebhooks", f"tenant/{tenant}")
    return ok(redeliver(webhooks(), tenant, webhook, delivery), 202)


@app.post(f"{HOOK}/redeliver")
def all_again(tenant: str, webhook: str) -> Response[str]:
    """Put a page of the failed deliveries on their way again; call it until it answers none."""
    caller("setWebhooks", f"tenant/{tenant}")
    return ok(redeliver_failed(webhooks(), tenant, webhook), 202)
