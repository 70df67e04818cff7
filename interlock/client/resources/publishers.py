"""Publishers and their domains.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.registration import DomainClaim, NewPublisher, PublisherRegistered
from interlock.contract.registry import Publisher


class PublishersResource:
    """Publishers and their domains."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def create(self, body: NewPublisher, *, key: str = "") -> PublisherRegistered:
        """Register a publisher, with a user and a client.

        A request that was cut off is repeated.
        """
        return PublisherRegistered.model_validate_json(self._calls.fetch("POST", "/v1/publishers", body, key=key))

    def get(self, publisher: str) -> Publisher:
        """Show a publisher and the domain that it claims."""
        return Publisher.model_validate_json(self._calls.fetch("GET", f"/v1/publishers/{part(publisher)}"))

    def claim_domain(self, publisher: str, body: DomainClaim, *, key: str = "") -> Publisher:
        """Claim a domain.

        The answer has the TXT record that proves whose domain it is.
        """
        return Publisher.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/domain", body, key=key)
        )

    def verify_domain(self, publisher: str, *, key: str = "") -> Publisher:
        """Look up the TXT record of the domain that is claimed."""
        return Publisher.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/domain/verify", {}, key=key)
        )
