"""The people, machines and trusts that act for a publisher.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.member import Invitation, MemberList
from interlock.contract.registry import Membership


class PublisherMembersResource:
    """The people, machines and trusts that act for a publisher."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, publisher: str) -> MemberList:
        """List the members of a publisher: people, machines and trusts."""
        return MemberList.model_validate_json(self._calls.fetch("GET", f"/v1/publishers/{part(publisher)}/members"))

    def create(self, publisher: str, body: Invitation, *, key: str = "") -> Membership:
        """Make a person a member of a publisher, or give a member another role."""
        return Membership.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/members", body, key=key)
        )

    def delete(self, publisher: str, member: str) -> Membership:
        """Remove a person, a machine or a trust from a publisher."""
        return Membership.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/publishers/{part(publisher)}/members/{part(member)}")
        )
