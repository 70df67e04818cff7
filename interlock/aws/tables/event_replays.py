"""Replays of every tenant, in the table of runs."""

import time

from interlock.aws.tables.runs import DAY_SECONDS
from interlock.aws.tables.table import Key, Stored, Table
from interlock.contract.core import limits
from interlock.contract.core.failure import NotFound
from interlock.contract.event_replay import EventReplay


class EventReplays:
    """Replays; only the platform's functions touch them."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def write(self, stored: Stored[EventReplay]) -> None:
        """Write a replay that was read; WriteConflict where another writer changed it since."""
        replay = stored.item
        extra = {"expires": int(time.time()) + limits.DEDUPE_DAYS * DAY_SECONDS}
        self.table.put(_key(replay.tenant, replay.id), replay, rev=stored.rev, extra=extra)

    def find(self, tenant: str, replay: str) -> Stored[EventReplay]:
        """Read a replay.

        Raises:
            NotFound: the tenant has no such replay.
        """
        absent = NotFound(
            f"replay {replay} does not exist",
            where=f"tenant {tenant}",
            code="unknown-replay",
            next_step="interlock event replay",
        )
        return self.table.find(_key(tenant, replay), EventReplay, absent)


def _key(tenant: str, replay: str) -> Key:
    return Key(pk=f"REPLAY#{tenant}#{replay}", sk="META")
