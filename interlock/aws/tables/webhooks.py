"""Webhooks in the registry, and their deliveries in the table of runs: by webhook, by status, and by when due."""

import time

from interlock.aws.tables.agenda import Agenda, Due
from interlock.aws.tables.table import Key, Page, Stored, Table
from interlock.contract.core.failure import NotFound
from interlock.contract.webhook import DELIVERY_DAYS, DeliveryStatus, Webhook, WebhookDelivery, WebhookMessage

AGENDA = "AGENDA#WEBHOOKS"
DAY_SECONDS = 86_400


class DueDelivery(Due):
    """A delivery to try."""

    message: WebhookMessage


class Webhooks:
    """The webhooks of every tenant and their deliveries."""

    def __init__(self, registry: str, runs: str) -> None:
        """Name the tables; nothing is called."""
        self.registry = Table(registry)
        self.runs = Table(runs)
        self.agenda = Agenda(runs, AGENDA, DueDelivery, _due_name)

    def find(self, tenant: str, webhook: str) -> Stored[Webhook]:
        """Read a webhook.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        absent = NotFound(
            f"webhook {webhook} does not exist", where=f"tenant {tenant}", next_step="interlock webhook list"
        )
        return self.registry.find(_hook_key(tenant, webhook), Webhook, absent)

    def write(self, stored: Stored[Webhook]) -> None:
        """Write a webhook that was read; Conflict where somebody was first."""
        webhook = stored.item
        self.registry.put(_hook_key(webhook.tenant, webhook.id), webhook, rev=stored.rev)

    def of_tenant(self, tenant: str) -> list[Webhook]:
        """Every webhook of a tenant, the oldest first."""
        return [row.read(Webhook) for row in self.registry.query_all(f"TEN#{tenant}", "HOOK#")]

    def remove(self, webhook: Webhook) -> None:
        """Delete a webhook and its deliveries."""
        self.registry.delete(_hook_key(webhook.tenant, webhook.id))
        self.runs.delete_all(_pk(webhook.tenant, webhook.id))

    def delivery(self, tenant: str, webhook: str, delivery: str) -> Stored[WebhookDelivery] | None:
        """Read a delivery; None where there is none."""
        row = self.runs.get(Key(pk=_pk(tenant, webhook), sk=delivery))
        return Stored(item=row.read(WebhookDelivery), rev=row.rev) if row else None

    def write_delivery(self, stored: Stored[WebhookDelivery]) -> Stored[WebhookDelivery]:
        """Write a delivery that was read; as it is now. Conflict where somebody was first."""
        delivery = stored.item
        pk, at = _pk(delivery.tenant, delivery.webhook), f"{delivery.created}#{delivery.id}"
        extra: dict[str, str | int] = {
            "gsi3pk": pk,
            "gsi3sk": at,
            "gsi4pk": f"{pk}#{delivery.status.value}",
            "gsi4sk": at,
        }
        extra |= {"expires": int(time.time()) + DELIVERY_DAYS * DAY_SECONDS}
        self.runs.put(Key(pk=pk, sk=delivery.id), delivery, rev=stored.rev, extra=extra)
        return Stored(item=delivery, rev=stored.rev + 1)

    def page(self, tenant: str, webhook: str, status: DeliveryStatus | None, *, limit: int, cursor: str | None) -> Page:
        """One page of a webhook's deliveries, of one status or of all, newest first."""
        pk = _pk(tenant, webhook)
        index, pk = ("gsi4", f"{pk}#{status.value}") if status else ("gsi3", pk)
        return self.runs.query(pk, index=index, limit=limit, cursor=cursor, newest=True)


def _hook_key(tenant: str, webhook: str) -> Key:
    return Key(pk=f"TEN#{tenant}", sk=f"HOOK#{webhook}")


def _pk(tenant: str, webhook: str) -> str:
    return f"HOOK#{tenant}#{webhook}"


def _due_name(due: DueDelivery) -> str:
    message = due.message
    return f"{message.tenant}#{message.webhook}#{message.delivery}"
