"""Verifications of every tenant, in the table of runs."""

import time

from interlock.aws.tables.runs import DAY_SECONDS
from interlock.aws.tables.table import Key, Page, Stored, Table
from interlock.contract.core import limits
from interlock.contract.core.failure import NotFound
from interlock.contract.verification import Verification


class Verifications:
    """Verifications; only the platform's functions touch them."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def write(self, stored: Stored[Verification]) -> None:
        """Write one that was read; WriteConflict where another writer changed it since."""
        job = stored.item
        extra: dict[str, str | int] = {"expires": int(time.time()) + limits.DEDUPE_DAYS * DAY_SECONDS}
        extra |= {"gsi1pk": _partition(job.tenant), "gsi1sk": f"{job.started}#{job.id}"}
        self.table.put(_key(job.tenant, job.id), job, rev=stored.rev, extra=extra)

    def find(self, tenant: str, job: str) -> Stored[Verification]:
        """Read one.

        Raises:
            NotFound: the tenant has no such verification.
        """
        absent = NotFound(
            f"verification {job} does not exist",
            where=f"tenant {tenant}",
            code="unknown-verification",
            next_step="Begin one: interlock run verify --version VERSION --last 20 --app NAME",
        )
        return self.table.find(_key(tenant, job), Verification, absent)

    def page(self, tenant: str, *, limit: int, cursor: str | None) -> Page:
        """One page of a tenant's verifications, newest first."""
        return self.table.query(_partition(tenant), index="gsi1", limit=limit, cursor=cursor, newest=True)


def _partition(tenant: str) -> str:
    return f"VERIFICATIONS#{tenant}"


def _key(tenant: str, job: str) -> Key:
    return Key(pk=f"VERIFICATION#{tenant}#{job}", sk="META")
