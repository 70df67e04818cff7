"""Messages of the start queue that belong to no tenant.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.dead_letter import DeadLetter, DeadPage, DeadState, DeadView


class PlatformDeadLettersResource:
    """Messages of the start queue that belong to no tenant."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, *, state: DeadState | None = None, limit: int | None = None, cursor: str | None = None) -> DeadPage:
        """List the messages of the start queue that belong to no tenant, newest first; for operators."""
        return DeadPage.model_validate_json(
            self._calls.fetch("GET", "/v1/dead", query={"state": state, "limit": limit, "cursor": cursor})
        )

    def iterate(self, *, state: DeadState | None = None, most: int | None = None) -> Iterator[DeadLetter]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(state=state, limit=limit, cursor=cursor),
            lambda page: page.letters,
            most,
            100,
        )

    def get(self, letter: str) -> DeadView:
        """Show one of these messages."""
        return DeadView.model_validate_json(self._calls.fetch("GET", f"/v1/dead/{part(letter)}"))

    def drop(self, letter: str, *, key: str = "") -> DeadLetter:
        """Drop one of these messages."""
        return DeadLetter.model_validate_json(self._calls.fetch("POST", f"/v1/dead/{part(letter)}/drop", {}, key=key))
