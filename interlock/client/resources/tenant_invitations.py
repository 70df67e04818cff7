"""People of elsewhere who are asked to act for a tenant.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.member import InvitationList, NewInvitation, PendingInvitation


class TenantInvitationsResource:
    """People of elsewhere who are asked to act for a tenant."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str) -> InvitationList:
        """List the invitations to a tenant that wait for an answer."""
        return InvitationList.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/invitations"))

    def create(self, tenant: str, body: NewInvitation, *, key: str = "") -> PendingInvitation:
        """Invite somebody who has a user already to join a tenant.

        Nothing changes until they accept.
        """
        return PendingInvitation.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/invitations", body, key=key)
        )

    def delete(self, tenant: str, invitation: str) -> PendingInvitation:
        """Take an invitation to a tenant back."""
        return PendingInvitation.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/invitations/{part(invitation)}")
        )
