"""Customer organisations.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.registration import NewTenant, TenantRegistered
from interlock.contract.registry import Tenant


class TenantsResource:
    """Customer organisations."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

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
