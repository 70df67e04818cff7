"""Fork jobs of every tenant, in the table of runs."""

import time

from interlock.aws.tables.runs import DAY_SECONDS
from interlock.aws.tables.table import Key, Page, Stored, Table
from interlock.contract.core import limits
from interlock.contract.core.failure import NotFound
from interlock.contract.fork_job import ForkJob


class ForkJobs:
    """Fork jobs; only the platform's functions touch them."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def write(self, stored: Stored[ForkJob]) -> None:
        """Write a job that was read; WriteConflict where another writer changed it since."""
        job = stored.item
        extra: dict[str, str | int] = {"expires": int(time.time()) + limits.DEDUPE_DAYS * DAY_SECONDS}
        extra |= {"gsi1pk": _partition(job.tenant), "gsi1sk": f"{job.started}#{job.id}"}
        self.table.put(_key(job.tenant, job.id), job, rev=stored.rev, extra=extra)

    def find(self, tenant: str, job: str) -> Stored[ForkJob]:
        """Read a job.

        Raises:
            NotFound: the tenant has no such job.
        """
        absent = NotFound(
            f"fork job {job} does not exist",
            where=f"tenant {tenant}",
            code="unknown-fork-job",
            next_step="Begin one: interlock run fork --all",
        )
        return self.table.find(_key(tenant, job), ForkJob, absent)

    def page(self, tenant: str, *, limit: int, cursor: str | None) -> Page:
        """One page of a tenant's jobs, newest first."""
        return self.table.query(_partition(tenant), index="gsi1", limit=limit, cursor=cursor, newest=True)


def _partition(tenant: str) -> str:
    return f"FORKJOBS#{tenant}"


def _key(tenant: str, job: str) -> Key:
    return Key(pk=f"FORKJOB#{tenant}#{job}", sk="META")
