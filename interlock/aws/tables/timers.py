"""What is to be looked at, and when: items of the registry, sorted by time, so that a clock reads only what is due."""

from collections.abc import Iterator
from typing import Literal

from interlock.aws.tables.table import Key, Table
from interlock.contract.core.base import Document, Moment

Kind = Literal["watch", "delete", "resume"]
AGENDA = "AGENDA"


class Timer(Document):
    """One thing to look at: an install, and what for."""

    kind: Kind
    tenant: str
    install: str
    at: Moment


class Timers:
    """The agenda of the installs."""

    def __init__(self, table: str) -> None:
        """Name the registry's table; nothing is called."""
        self.table = Table(table)

    def put(self, entry: Timer) -> None:
        """Write an entry."""
        self.table.put(_key(entry), entry)

    def take(self, entry: Timer) -> None:
        """Take an entry off; one that is not there too."""
        self.table.delete(_key(entry))

    def due(self, now: Moment) -> Iterator[Timer]:
        """Every entry whose time has come, the oldest first."""
        cursor: str | None = None
        while True:
            page = self.table.query(AGENDA, between=("0", f"{now}~"), cursor=cursor)
            yield from (row.read(Timer) for row in page.rows)
            cursor = page.cursor
            if cursor is None:
                return


def _key(entry: Timer) -> Key:
    return Key(pk=AGENDA, sk=f"{entry.at}#{entry.tenant}#{entry.install}#{entry.kind}")
