"""What is to be looked at, and when: items of one partition, sorted by time, so that a clock reads only what is due."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from interlock.aws.tables.table import Key, Table
from interlock.contract.core.base import Document, Moment


class Due(Document):
    """Something to look at."""

    at: Moment
    """When."""


Entry = TypeVar("Entry", bound=Due)


class Agenda(Generic[Entry]):
    """The entries of one kind."""

    def __init__(self, table: str, partition: str, model: type[Entry], name: Callable[[Entry], str]) -> None:
        """Name the agenda; nothing is called.

        Args:
            table: the table that it is in.
            partition: the partition of its entries.
            model: what an entry is.
            name: what tells the entries of a moment apart.
        """
        self.table, self.partition, self.model, self.name = Table(table), partition, model, name

    def put(self, entry: Entry) -> None:
        """Write an entry."""
        self.table.put(self._key(entry), entry)

    def take(self, entry: Entry) -> None:
        """Take an entry off; one that is not there too."""
        self.table.delete(self._key(entry))

    def due(self, now: Moment) -> Iterator[Entry]:
        """Every entry whose time has come, the oldest first."""
        cursor: str | None = None
        while True:
            page = self.table.query(self.partition, between=("0", f"{now}~"), cursor=cursor)
            yield from (row.read(self.model) for row in page.rows)
            cursor = page.cursor
            if cursor is None:
                return

    def _key(self, entry: Entry) -> Key:
        return Key(pk=self.partition, sk=f"{entry.at}#{self.name(entry)}")
