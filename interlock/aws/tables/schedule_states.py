"""What became of schedules' times, in the table of runs: an item for each trigger of an install."""

import time
from collections.abc import Callable

from interlock.aws.tables.table import Key, Row, Table
from interlock.contract.core import limits
from interlock.contract.schedule import ScheduleState

DAY_SECONDS = 86_400


class ScheduleStates:
    """The states of schedules."""

    def __init__(self, table: str) -> None:
        """Name the table of runs; nothing is called."""
        self.table = Table(table)

    def change(self, fresh: ScheduleState, change: Callable[[ScheduleState], ScheduleState]) -> ScheduleState:
        """Change a state, from `fresh` where there is none yet (`Table.change`).

        Raises:
            Conflict: too many callers change it at the same time.
        """
        key = _key(fresh.tenant, fresh.install, fresh.workflow, fresh.trigger)
        return self.table.change(key, ScheduleState, change, absent=fresh, extra=_expiry, what="the schedule")

    def of_install(self, tenant: str, install: str) -> list[ScheduleState]:
        """The states of an install's schedules."""
        return [row.read(ScheduleState) for row in self.table.query_all(_key(tenant, install, "", "").pk)]


def _expiry(_state: ScheduleState, _row: Row | None) -> dict[str, str | int]:
    """The state of a removed schedule goes with the runs that it started."""
    return {"expires": int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS}


def _key(tenant: str, install: str, workflow: str, trigger: str) -> Key:
    return Key(pk=f"SCHEDULES#{tenant}#{install}", sk=f"{workflow}#{trigger}")
