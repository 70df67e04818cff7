"""Credentials of a publisher's machines.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.member import Credentials, NewCredential


class PublisherCredentialsResource:
    """Credentials of a publisher's machines."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def create(self, publisher: str, body: NewCredential, *, key: str = "") -> Credentials:
        """Make credentials for a machine of a publisher.

        Their secret is in this answer and in no other.
        """
        return Credentials.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/credentials", body, key=key)
        )

    def rotate(self, publisher: str, name: str, *, key: str = "") -> Credentials:
        """Give a machine of a publisher new credentials; the old ones are refused from now on."""
        return Credentials.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/credentials/{part(name)}/rotate", {}, key=key)
        )
