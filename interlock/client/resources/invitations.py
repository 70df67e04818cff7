"""Invitations that wait for the caller's answer.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.member import InvitationList, PendingInvitation
from interlock.contract.registry import Membership


class InvitationsResource:
    """Invitations that wait for the caller's answer."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self) -> InvitationList:
        """List the invitations that wait for the caller's answer."""
        return InvitationList.model_validate_json(self._calls.fetch("GET", "/v1/me/invitations"))

    def decline(self, invitation: str) -> PendingInvitation:
        """Decline an invitation."""
        return PendingInvitation.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/me/invitations/{part(invitation)}")
        )

    def accept(self, invitation: str, *, key: str = "") -> Membership:
        """Accept an invitation: become a member."""
        return Membership.model_validate_json(
            self._calls.fetch("POST", f"/v1/me/invitations/{part(invitation)}/accept", {}, key=key)
        )
