"""Step records by their sort keys."""

from collections.abc import Sequence

from interlock.aws.tables.runs import run_key
from interlock.aws.tables.table import Key, Table, batch_get
from interlock.contract.run import StepRecord


def records_at(table: Table, tenant: str, run: str, keys: Sequence[str]) -> dict[str, StepRecord]:
    """The records of a run at some sort keys, at most 100; those that are past their retention are left out."""
    pk = run_key(tenant, run).pk
    rows = batch_get({table.name: [Key(pk=pk, sk=key) for key in keys]}) if keys else {}
    return {row.key.sk: row.read(StepRecord) for row in rows.values()}
