"""Subscriptions of systems outside to a tenant's events.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.webhook import Attempt, NewWebhook, SecretRotation, Webhook, WebhookList, WebhookWithSecret


class WebhooksResource:
    """Subscriptions of systems outside to a tenant's events."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str) -> WebhookList:
        """List a tenant's webhooks."""
        return WebhookList.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/webhooks"))

    def create(self, tenant: str, body: NewWebhook, *, key: str = "") -> WebhookWithSecret:
        """Subscribe a URL to events.

        The signing secret is in this answer and in no other.
        """
        return WebhookWithSecret.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/webhooks", body, key=key)
        )

    def delete(self, tenant: str, webhook: str) -> Webhook:
        """Delete a webhook, its secrets and its deliveries."""
        return Webhook.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}")
        )

    def get(self, tenant: str, webhook: str) -> Webhook:
        """Show one webhook."""
        return Webhook.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}")
        )

    def disable(self, tenant: str, webhook: str, *, key: str = "") -> Webhook:
        """Stop notifying a webhook."""
        return Webhook.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/disable", {}, key=key)
        )

    def enable(self, tenant: str, webhook: str, *, key: str = "") -> Webhook:
        """Notify a webhook again, from now on."""
        return Webhook.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/enable", {}, key=key)
        )

    def rotate_secret(self, tenant: str, webhook: str, body: SecretRotation, *, key: str = "") -> WebhookWithSecret:
        """Give a webhook a new secret, which only this answer has.

        Both secrets sign during the overlap.
        """
        return WebhookWithSecret.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/rotate", body, key=key)
        )

    def test(self, tenant: str, webhook: str, *, key: str = "") -> Attempt:
        """Send a test message to a webhook now, and show its answer."""
        return Attempt.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/test", {}, key=key)
        )
