"""Counts of tables."""

from collections.abc import Iterator


def counts(rows: list) -> Iterator[int]:
    return (int(row["count"]) for row in rows if row["kind"] == "table")
