"""People of elsewhere who are asked to act for a publisher.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.member import InvitationList, NewInvitation, PendingInvitation


class PublisherInvitationsResource:
    """People of elsewhere who are asked to act for a publisher."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, publisher: str) -> InvitationList:
        """List the invitations to a publisher that wait for an answer."""
        return InvitationList.model_validate_json(
            self._calls.fetch("GET", f"/v1/publishers/{part(publisher)}/invitations")
        )

    def create(self, publisher: str, body: NewInvitation, *, key: str = "") -> PendingInvitation:
        """Invite somebody who has a user already to join a publisher.

        Nothing changes until they accept.
        """
        return PendingInvitation.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/invitations", body, key=key)
        )

    def delete(self, publisher: str, invitation: str) -> PendingInvitation:
        """Take an invitation to a publisher back."""
        return PendingInvitation.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/publishers/{part(publisher)}/invitations/{part(invitation)}")
        )
