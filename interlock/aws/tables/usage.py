"""What runs used, in the table of runs: an item a run of the day, and one a tenant for each day that is rolled up."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from interlock.aws.tables.table import Key, Table, item
from interlock.contract.core.base import Document
from interlock.contract.run import Run
from interlock.contract.usage import Budget, UsageRow

DAY_SECONDS = 86_400
RUN_DAYS, ROLLED_DAYS = 8, 400
"""Items of runs stay until their day is rolled up for sure; rolled up days stay over a year."""
BUDGETS = "BUDGETS"


class UsageRecord(Document):
    """The rows of one run, or of one tenant's day."""

    rows: tuple[UsageRow, ...] = ()


class UsageRecords:
    """What every tenant's runs used."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def put_with(self, run: Run, rows: Iterable[UsageRow]) -> dict[str, Any]:
        """The write of what a run used, for the transaction that ends it: the same run, the same item."""
        used = UsageRecord(rows=tuple(rows))
        day = (run.ended or run.started)[:10]
        key = Key(pk=f"USE#{run.tenant}#{day}", sk=run.id)
        extra = {"gsi1pk": f"USE#{run.app}#{day}", "gsi1sk": run.id, "expires": _expires(RUN_DAYS)}
        return {"TableName": self.table.name, "Item": item(key, used, extra=extra)}

    def of_runs(self, tenant: str, day: str) -> Iterator[UsageRow]:
        """The rows of a tenant's runs that ended on a day."""
        for row in self.table.query_all(f"USE#{tenant}#{day}"):
            yield from row.read(UsageRecord).rows

    def of_app(self, app: str, day: str) -> Iterator[UsageRow]:
        """The rows of an app's runs, of every tenant, that ended on a day; for RUN_DAYS."""
        for row in self.table.query_all(f"USE#{app}#{day}", index="gsi1"):
            yield from row.read(UsageRecord).rows

    def roll_up(self, tenant: str, day: str, rows: Iterable[UsageRow]) -> None:
        """Write a tenant's day; again, the same."""
        key = Key(pk=f"USED#{tenant}", sk=day)
        self.table.put(key, UsageRecord(rows=tuple(rows)), extra={"expires": _expires(ROLLED_DAYS)})

    def rolled(self, tenant: str, since: str, until: str) -> dict[str, tuple[UsageRow, ...]]:
        """The days of a tenant that are rolled up."""
        values: dict[str, tuple[UsageRow, ...]] = {}
        cursor: str | None = None
        while True:
            page = self.table.query(f"USED#{tenant}", between=(since, until), cursor=cursor)
            values |= {row.key.sk: row.read(UsageRecord).rows for row in page.rows}
            cursor = page.cursor
            if cursor is None:
                return values

    def budget(self, tenant: str) -> Budget | None:
        """A tenant's budget, if it has one."""
        row = self.table.get(Key(pk=BUDGETS, sk=tenant))
        return row.read(Budget) if row else None

    def write_budget(self, tenant: str, budget: Budget | None) -> None:
        """Write a tenant's budget; None takes it away."""
        key = Key(pk=BUDGETS, sk=tenant)
        if budget is None:
            self.table.delete(key)
        else:
            self.table.put(key, budget)

    def budgets(self) -> Iterator[tuple[str, Budget]]:
        """Every tenant that has a budget, with it."""
        for row in self.table.query_all(BUDGETS):
            yield row.key.sk, row.read(Budget)


def _expires(days: int) -> int:
    return int(time.time()) + days * DAY_SECONDS
