"""What of a tenant's runs is to be erased: the oldest first, each with all of its items."""

from interlock.aws.tables.runs import run_key
from interlock.aws.tables.table import Key, Table
from interlock.contract.run import Run


def oldest_runs(table: Table, tenant: str, limit: int) -> list[tuple[str, str]]:
    """A tenant's oldest runs: the place of each in time, and its id."""
    rows = table.query(f"TEN#{tenant}", index="gsi1", limit=limit).rows
    return [(row.text("gsi1sk"), row.read(Run).id) for row in rows]


def keys_of_run(table: Table, tenant: str, run: str) -> list[Key]:
    """The keys of a run, its records and its pauses."""
    pk = run_key(tenant, run).pk
    keys: list[Key] = []
    cursor: str | None = None
    while True:
        page = table.query(pk, cursor=cursor, only=("pk", "sk"))
        keys += [row.key for row in page.rows]
        cursor = page.cursor
        if cursor is None:
            return keys
