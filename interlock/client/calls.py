"""How the typed client makes its calls: whoever has this one method can carry it."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

from interlock.contract.core.base import Json

Query = Mapping[str, str | int | None]


class Calls(Protocol):
    """JSON in, JSON out; what is refused is raised as it was (`contract.failure`)."""

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Json] | None = None,
        *,
        query: Query | None = None,
        key: str = "",
    ) -> Any:
        """Make one call.

        Args:
            method: GET, POST, PUT or DELETE.
            path: below the API's address.
            body: a JSON object.
            query: words of the query; empty ones are left out.
            key: an idempotency key: the call is done once, however often it is sent.
        """
        ...


def part(word: str) -> str:
    """One part of a path: what has a slash in it stays one part."""
    return quote(word, safe="")
