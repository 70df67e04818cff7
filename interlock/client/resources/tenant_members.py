"""The people and machines that act for a tenant.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.member import Invitation, MemberList
from interlock.contract.registry import Membership


class TenantMembersResource:
    """The people and machines that act for a tenant."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str) -> MemberList:
        """List the members of a tenant: people and machines."""
        return MemberList.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/members"))

    def create(self, tenant: str, body: Invitation, *, key: str = "") -> Membership:
        """Make a person a member of a tenant, or give a member another role."""
        return Membership.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/members", body, key=key)
        )

    def delete(self, tenant: str, member: str) -> Membership:
        """Remove a person or a machine from a tenant."""
        return Membership.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/members/{part(member)}")
        )
