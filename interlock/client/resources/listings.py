"""The apps that a caller may find.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.listing import AppPage, Listing, ListingChange, ListingPage, ListingRow
from interlock.contract.manifest import Category


class ListingsResource:
    """The apps that a caller may find."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def search(
        self,
        *,
        q: str | None = None,
        category: Category | None = None,
        publisher: str | None = None,
        verified: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AppPage:
        """Search the apps that the caller may find, by name.

        A page may be short and not the last.
        """
        return AppPage.model_validate_json(
            self._calls.fetch(
                "GET",
                "/v1/listing",
                query={
                    "q": q,
                    "category": category,
                    "publisher": publisher,
                    "verified": verified,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    def iterate_search(
        self,
        *,
        q: str | None = None,
        category: Category | None = None,
        publisher: str | None = None,
        verified: bool | None = None,
        most: int | None = None,
    ) -> Iterator[ListingRow]:
        """Every row of `search`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.search(
                q=q, category=category, publisher=publisher, verified=verified, limit=limit, cursor=cursor
            ),
            lambda page: page.apps,
            most,
            100,
        )

    def get(self, publisher: str, name: str) -> ListingPage:
        """Show one listed app: its permissions in plain words, its changelog and its images.

        The URLs of the images are valid for five minutes.
        """
        return ListingPage.model_validate_json(self._calls.fetch("GET", f"/v1/listing/{part(publisher)}/{part(name)}"))

    def export(self, *, limit: int | None = None, cursor: str | None = None) -> AppPage:
        """List every app that the caller may find, page by page."""
        return AppPage.model_validate_json(
            self._calls.fetch("GET", "/v1/listing:export", query={"limit": limit, "cursor": cursor})
        )

    def iterate_export(self, *, most: int | None = None) -> Iterator[ListingRow]:
        """Every row of `export`, page by page; at most `most` of them."""
        return rows(lambda limit, cursor: self.export(limit=limit, cursor=cursor), lambda page: page.apps, most, 100)

    def update(self, publisher: str, name: str, body: ListingChange) -> Listing:
        """Change who may find an app, without a new version."""
        return Listing.model_validate_json(
            self._calls.fetch("PUT", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/listing", body)
        )
