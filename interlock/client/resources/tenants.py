"""Customer organisations.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.directory import TenantPage
from interlock.contract.registration import NewTenant, TenantRegistered
from interlock.contract.registry import Tenant


class TenantsResource:
    """Customer organisations."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, *, limit: int | None = None, cursor: str | None = None) -> TenantPage:
        """List the tenants of the deployment, by id."""
        return TenantPage.model_validate_json(
            self._calls.fetch("GET", "/v1/tenants", query={"limit": limit, "cursor": cursor})
        )

    def iterate(self, *, most: int | None = None) -> Iterator[Tenant]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(lambda limit, cursor: self.list(limit=limit, cursor=cursor), lambda page: page.tenants, most, 100)

    def create(self, body: NewTenant, *, key: str = "") -> TenantRegistered:
        """Register a tenant, with a user and a client, and begin to onboard it.

        A request that was cut off is repeated.
        """
        return TenantRegistered.model_validate_json(self._calls.fetch("POST", "/v1/tenants", body, key=key))

    def delete(self, tenant: str) -> Tenant:
        """Begin to offboard a tenant: its installs, its data and its identities are deleted."""
        return Tenant.model_validate_json(self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}"))

    def get(self, tenant: str) -> Tenant:
        """Show one tenant."""
        return Tenant.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}"))
