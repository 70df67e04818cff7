"""A page of a list, as a caller asks for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageRequest:
    """How many rows, and after which cursor."""

    limit: int
    """The most rows of the page."""
    cursor: str | None = None
    """The `cursor` of the page before; None for the first page."""
    newest: bool = False
    """Whether the newest row comes first, in lists that have both orders."""
