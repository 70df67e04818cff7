"""The changes of a tenant and its installs.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.audit import Change, ChangePage


class TenantAuditResource:
    """The changes of a tenant and its installs."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, limit: int | None = None, cursor: str | None = None) -> ChangePage:
        """List the changes of a tenant and its installs, newest first."""
        return ChangePage.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/audit", query={"limit": limit, "cursor": cursor})
        )

    def iterate(self, tenant: str, *, most: int | None = None) -> Iterator[Change]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, limit=limit, cursor=cursor), lambda page: page.changes, most, 100
        )
