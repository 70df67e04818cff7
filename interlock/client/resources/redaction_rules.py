"""Fields that are sensitive in every run of a tenant.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.debug_step import RedactionRule
from interlock.contract.registry import Tenant


class RedactionRulesResource:
    """Fields that are sensitive in every run of a tenant."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def delete(self, tenant: str, *, rule: str) -> Tenant:
        """Remove a redaction rule."""
        return Tenant.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/redact", query={"rule": rule})
        )

    def create(self, tenant: str, body: RedactionRule, *, key: str = "") -> Tenant:
        """Mark a field as sensitive in every run of the tenant that starts from now on, and in every export."""
        return Tenant.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/redact", body, key=key)
        )
