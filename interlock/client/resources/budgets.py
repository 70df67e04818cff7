"""What a tenant wants to spend in a month.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.usage import Budget


class BudgetsResource:
    """What a tenant wants to spend in a month."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def delete(self, tenant: str) -> Budget:
        """Remove a tenant's budget."""
        return Budget.model_validate_json(self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/budget"))

    def get(self, tenant: str) -> Budget:
        """Show a tenant's budget."""
        return Budget.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/budget"))

    def set(self, tenant: str, body: Budget) -> Budget:
        """Set a tenant's monthly budget."""
        return Budget.model_validate_json(self._calls.fetch("PUT", f"/v1/tenants/{part(tenant)}/budget", body))
