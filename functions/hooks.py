"""What the functions of webhooks share."""

from functools import cache

from interlock.aws.tables.webhooks import Hooks
from interlock.contract.core.settings import WebhookSettings
from interlock.control.webhooks.subscriptions import Webhooks


@cache
def webhooks() -> Webhooks:
    """What webhooks work with, once in a process."""
    settings = WebhookSettings.read()
    return Webhooks(
        hooks=Hooks(settings.registry_table, settings.runs_table),
        bucket=settings.data_bucket,
        queue=settings.webhook_queue,
        loopback=settings.loopback,
    )
