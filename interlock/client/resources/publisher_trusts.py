"""Workflows of GitHub that act for a publisher.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.member import NewTrust
from interlock.contract.registry import Membership


class PublisherTrustsResource:
    """Workflows of GitHub that act for a publisher."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def create(self, publisher: str, body: NewTrust, *, key: str = "") -> Membership:
        """Let a workflow of GitHub act for a publisher, with the token that GitHub gives it."""
        return Membership.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/trusts", body, key=key)
        )
