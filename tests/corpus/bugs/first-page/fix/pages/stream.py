"""Rows of pages."""

from collections.abc import Iterator


def firsts(pages: list) -> Iterator[str]:
    for page in pages:
        yield next(iter(page["rows"]), "")
