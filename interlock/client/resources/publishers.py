"""Publishers and their domains.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.directory import PublishedApp, PublishedAppPage, PublisherPage
from interlock.contract.registration import DomainClaim, NewPublisher, PublisherRegistered
from interlock.contract.registry import Publisher


class PublishersResource:
    """Publishers and their domains."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, *, limit: int | None = None, cursor: str | None = None) -> PublisherPage:
        """List the publishers of the deployment, by id."""
        return PublisherPage.model_validate_json(
            self._calls.fetch("GET", "/v1/publishers", query={"limit": limit, "cursor": cursor})
        )

    def iterate(self, *, most: int | None = None) -> Iterator[Publisher]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(limit=limit, cursor=cursor), lambda page: page.publishers, most, 100
        )

    def create(self, body: NewPublisher, *, key: str = "") -> PublisherRegistered:
        """Register a publisher, with a user and a client.

        A request that was cut off is repeated.
        """
        return PublisherRegistered.model_validate_json(self._calls.fetch("POST", "/v1/publishers", body, key=key))

    def get(self, publisher: str) -> Publisher:
        """Show a publisher and the domain that it claims."""
        return Publisher.model_validate_json(self._calls.fetch("GET", f"/v1/publishers/{part(publisher)}"))

    def list_apps(self, publisher: str, *, limit: int | None = None, cursor: str | None = None) -> PublishedAppPage:
        """List the apps of a publisher of which a version was uploaded, by name."""
        return PublishedAppPage.model_validate_json(
            self._calls.fetch("GET", f"/v1/publishers/{part(publisher)}/apps", query={"limit": limit, "cursor": cursor})
        )

    def iterate_apps(self, publisher: str, *, most: int | None = None) -> Iterator[PublishedApp]:
        """Every row of `list_apps`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list_apps(publisher, limit=limit, cursor=cursor),
            lambda page: page.apps,
            most,
            100,
        )

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
