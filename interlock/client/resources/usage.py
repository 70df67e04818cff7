"""What runs used, and what that costs.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from typing import Literal

from interlock.client.calls import Calls, part
from interlock.contract.usage import UsageReport


class UsageResource:
    """What runs used, and what that costs."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def get_app(
        self,
        publisher: str,
        name: str,
        *,
        by: Literal["day", "app", "version", "workflow", "step"] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> UsageReport:
        """Show what all tenants together used of an app in a span of days; in this month by default."""
        return UsageReport.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/usage",
                query={"by": by, "since": since, "until": until},
            )
        )

    def get_tenant(
        self,
        tenant: str,
        *,
        by: Literal["day", "app", "install", "version", "workflow", "step"] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> UsageReport:
        """Show what a tenant used in a span of days; in this month by default."""
        return UsageReport.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/usage", query={"by": by, "since": since, "until": until}
            )
        )

    def export_tenant(
        self,
        tenant: str,
        *,
        by: Literal["day", "app", "install", "version", "workflow", "step"] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> str:
        """Write what a tenant used in a span of days as CSV."""
        return self._calls.fetch(
            "GET", f"/v1/tenants/{part(tenant)}/usage:csv", query={"by": by, "since": since, "until": until}
        ).decode()
