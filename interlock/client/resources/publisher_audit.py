"""The changes of a publisher and its apps.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.audit import Change, ChangePage


class PublisherAuditResource:
    """The changes of a publisher and its apps."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, publisher: str, *, limit: int | None = None, cursor: str | None = None) -> ChangePage:
        """List the changes of a publisher and its apps, newest first."""
        return ChangePage.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/publishers/{part(publisher)}/audit", query={"limit": limit, "cursor": cursor}
            )
        )

    def iterate(self, publisher: str, *, most: int | None = None) -> Iterator[Change]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(publisher, limit=limit, cursor=cursor), lambda page: page.changes, most, 100
        )
