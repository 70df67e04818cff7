"""How the typed client makes its calls: whoever has `fetch` can carry it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from interlock.contract.core.base import Json

Query = Mapping[str, str | int | float | bool | None]


class Calls(Protocol):
    """Sends calls of the API; what is refused is raised as the failure that it was (`contract.core.failure`)."""

    def fetch(
        self,
        method: str,
        path: str,
        body: BaseModel | Mapping[str, Json] | None = None,
        *,
        query: Query | None = None,
        key: str = "",
    ) -> bytes:
        """Make one call.

        Args:
            method: GET, POST, PUT or DELETE.
            path: below the API's address.
            body: a model, or a JSON object.
            query: the parameters of the query; those that are None or empty are left out.
            key: an idempotency key: the call is done once, however often it is sent.

        Returns:
            The body of the answer.
        """
        ...


class Paged(Protocol):
    """A page of a list."""

    @property
    def cursor(self) -> str | None:
        """With this cursor the next page begins; None for the last page."""


Page = TypeVar("Page", bound=Paged)
Row = TypeVar("Row")


def part(text: str) -> str:
    """One part of a path: a slash in it does not make it two."""
    return quote(text, safe="")


def rows(
    fetch: Callable[[int, str | None], Page], rows_of: Callable[[Page], Sequence[Row]], most: int | None, size: int
) -> Iterator[Row]:
    """The rows of a list, page by page.

    Args:
        fetch: answers a page of at most so many rows, from a cursor on.
        rows_of: the rows of a page. A page may be short, or empty, and not the last.
        most: at most so many rows; None for all of them.
        size: the most rows of a page.
    """
    left, cursor = most, None
    while left is None or left > 0:
        page = fetch(size if left is None else min(left, size), cursor)
        batch = rows_of(page)
        yield from batch if left is None else batch[:left]
        left = None if left is None else left - len(batch)
        cursor = page.cursor
        if not cursor:
            return
