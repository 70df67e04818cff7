"""Support sessions that tenants have open for a publisher's apps.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.support import SupportSession, SupportSessionList


class PublisherSupportSessionsResource:
    """Support sessions that tenants have open for a publisher's apps."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, publisher: str, *, limit: int | None = None, cursor: str | None = None) -> SupportSessionList:
        """List the support sessions that tenants have open for a publisher's apps.

        A page may be short and not the last.
        """
        return SupportSessionList.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/publishers/{part(publisher)}/support", query={"limit": limit, "cursor": cursor}
            )
        )

    def iterate(self, publisher: str, *, most: int | None = None) -> Iterator[SupportSession]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(publisher, limit=limit, cursor=cursor),
            lambda page: page.sessions,
            most,
            100,
        )
