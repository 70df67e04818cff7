"""How much a tenant and its installs may have at once.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.quota import QuotaReport, Quotas
from interlock.contract.registry import Install, Tenant


class QuotasResource:
    """How much a tenant and its installs may have at once."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def set_install(self, tenant: str, install: str, body: Quotas) -> Install:
        """Set an install's quotas."""
        return Install.model_validate_json(
            self._calls.fetch("PUT", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/quotas", body)
        )

    def get(self, tenant: str) -> QuotaReport:
        """Show the quotas of a tenant and of its installs, and how much of each is in use."""
        return QuotaReport.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/quotas"))

    def set_tenant(self, tenant: str, body: Quotas) -> Tenant:
        """Set a tenant's quotas; for operators."""
        return Tenant.model_validate_json(self._calls.fetch("PUT", f"/v1/tenants/{part(tenant)}/quotas", body))
