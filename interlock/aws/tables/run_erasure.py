"""What of a tenant's runs is to be erased: the oldest first, each with all of its items."""

from collections.abc import Sequence

from interlock.aws.tables.batches import write_batch
from interlock.aws.tables.runs import run_key
from interlock.aws.tables.table import WRITES_PER_CALL, Key, Table
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


def delete_keys(table: Table, keys: Sequence[Key]) -> None:
    """Delete items in their order, WRITES_PER_CALL in a call; absent ones too."""
    for at in range(0, len(keys), WRITES_PER_CALL):
        some = keys[at : at + WRITES_PER_CALL]
        write_batch({table.name: [{"DeleteRequest": {"Key": key.attributes()}} for key in some]})
