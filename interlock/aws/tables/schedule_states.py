"""What became of schedules' times, in the table of runs: an item for each trigger of an install."""

import time
from collections.abc import Callable

from interlock.aws.tables.table import Key, Table
from interlock.contract.core import limits
from interlock.contract.core.failure import Conflict
from interlock.contract.schedule import ScheduleState

WRITE_TRIES = 10
DAY_SECONDS = 86_400


class Scheduled:
    """The states of schedules."""

    def __init__(self, table: str) -> None:
        """Name the table of runs; nothing is called."""
        self.table = Table(table)

    def change(self, fresh: ScheduleState, change: Callable[[ScheduleState], ScheduleState]) -> ScheduleState:
        """Change a state under its optimistic lock; one that is not there yet begins as `fresh`.

        Raises:
            Conflict: too many write it at once.
        """
        key = _key(fresh.tenant, fresh.install, fresh.workflow, fresh.trigger)
        for _ in range(WRITE_TRIES):
            row = self.table.get(key)
            found = row.read(ScheduleState) if row else fresh
            after = change(found)
            if row is not None and after == found:
                return after
            try:
                # One that is no more goes with the runs that it started.
                expires = int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS
                self.table.put(key, after, rev=row.rev if row else 0, extra={"expires": expires})
            except Conflict:
                continue
            return after
        raise Conflict("the schedule is written by too many at once", where=fresh.trigger, next_step="Try again.")

    def of_install(self, tenant: str, install: str) -> list[ScheduleState]:
        """The states of an install's schedules."""
        return [row.read(ScheduleState) for row in self.table.query_all(_key(tenant, install, "", "").pk)]


def _key(tenant: str, install: str, workflow: str, trigger: str) -> Key:
    return Key(pk=f"SCHEDULES#{tenant}#{install}", sk=f"{workflow}#{trigger}")
