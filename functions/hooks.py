"""What the functions of webhooks share."""

from functools import cache

from interlock.aws.tables.webhooks import Webhooks
from interlock.contract.core.settings import WebhookSettings
from interlock.control.webhooks.subscriptions import WebhookContext


@cache
def webhooks() -> WebhookContext:
    """What webhooks work with, once in a process."""
    settings = WebhookSettings.read()
    return WebhookContext(
        hooks=Webhooks(settings.registry_table, settings.runs_table),
        bucket=settings.data_bucket,
        queue=settings.webhook_queue,
        loopback=settings.loopback,
    )
