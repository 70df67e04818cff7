"""The dead letters of an app in every tenant, for its publisher.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.dead_letter import DeadLetter, DeadPage, DeadState


class AppDeadLettersResource:
    """The dead letters of an app in every tenant, for its publisher."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(
        self,
        publisher: str,
        name: str,
        *,
        state: DeadState | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> DeadPage:
        """List the dead letters of an app in every tenant, newest first, without payloads."""
        return DeadPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/dead",
                query={"state": state, "limit": limit, "cursor": cursor},
            )
        )

    def iterate(
        self, publisher: str, name: str, *, state: DeadState | None = None, most: int | None = None
    ) -> Iterator[DeadLetter]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(publisher, name, state=state, limit=limit, cursor=cursor),
            lambda page: page.letters,
            most,
            100,
        )
