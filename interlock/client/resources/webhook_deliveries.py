"""The deliveries of a webhook.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.webhook import DeliveryPage, DeliveryStatus, WebhookDelivery


class WebhookDeliveriesResource:
    """The deliveries of a webhook."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(
        self, tenant: str, webhook: str, *, status: DeliveryStatus | None = None, cursor: str | None = None
    ) -> DeliveryPage:
        """List the deliveries of a webhook with their attempts, newest first."""
        return DeliveryPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/deliveries",
                query={"status": status, "cursor": cursor},
            )
        )

    def iterate(
        self, tenant: str, webhook: str, *, status: DeliveryStatus | None = None, most: int | None = None
    ) -> Iterator[WebhookDelivery]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, webhook, status=status, cursor=cursor),
            lambda page: page.deliveries,
            most,
            1,
        )

    def redeliver(self, tenant: str, webhook: str, delivery: str, *, key: str = "") -> WebhookDelivery:
        """Send a delivery again."""
        return WebhookDelivery.model_validate_json(
            self._calls.fetch(
                "POST",
                f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/deliveries/{part(delivery)}/redeliver",
                {},
                key=key,
            )
        )

    def redeliver_failed(self, tenant: str, webhook: str, *, key: str = "") -> DeliveryPage:
        """Send a page of the failed deliveries again.

        Call it until it answers no delivery.
        """
        return DeliveryPage.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/redeliver", {}, key=key)
        )
