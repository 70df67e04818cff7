"""Which runs an event started, and which runs a run caused by its events: a link for each, in the table of runs."""

import time

from interlock.aws.tables.runs import DAY_SECONDS
from interlock.aws.tables.table import Key, Page, Table
from interlock.contract.core import limits
from interlock.contract.core.base import Document
from interlock.contract.run import Run


class CausedRun(Document):
    """A run that something caused."""

    run: str


class CausedRuns:
    """The links of every tenant."""

    def __init__(self, table: Table) -> None:
        """Name the table; nothing is called."""
        self.table = table

    def link(self, run: Run) -> None:
        """Note a run with the event that starts it, and with the run behind that; twice is once."""
        expires = int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS
        for cause in _causes(run):
            key = Key(pk=f"CAUSED#{run.tenant}#{cause}", sk=f"{run.started}#{run.id}")
            self.table.put(key, CausedRun(run=run.id), extra={"expires": expires})

    def page(self, tenant: str, cause: str, between: tuple[str, str], limit: int) -> Page:
        """The runs of a cause that began between two sort keys, newest first.

        Args:
            tenant: the tenant.
            cause: `run/ID` or `event/ID`.
            between: the first and the last sort key, `STARTED#RUN`.
            limit: the most rows.
        """
        return self.table.query(f"CAUSED#{tenant}#{cause}", between=between, limit=limit, newest=True)


def _causes(run: Run) -> list[str]:
    if run.trigger.kind != "event":
        return []
    return [f"event/{run.trigger.id}", *(f"run/{hop}" for hop in run.trigger.ancestry[-1:])]
