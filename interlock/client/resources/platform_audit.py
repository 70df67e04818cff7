"""The changes of the platform.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, rows
from interlock.contract.audit import Change, ChangePage


class PlatformAuditResource:
    """The changes of the platform."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, *, limit: int | None = None, cursor: str | None = None) -> ChangePage:
        """List the changes of the platform, newest first."""
        return ChangePage.model_validate_json(
            self._calls.fetch("GET", "/v1/audit", query={"limit": limit, "cursor": cursor})
        )

    def iterate(self, *, most: int | None = None) -> Iterator[Change]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(lambda limit, cursor: self.list(limit=limit, cursor=cursor), lambda page: page.changes, most, 100)
