"""How often breakpoints matched, and how often their conditions could not be evaluated; kept in the table of runs.

Each tenant has a count of its own: a breakpoint on a version says nothing of one tenant's runs to anybody else.
"""

import time
from collections.abc import Mapping, Sequence

from interlock.aws.clients import client
from interlock.aws.tables.batches import KEYS_PER_READ
from interlock.aws.tables.table import Key, Row, Table, batch_get
from interlock.contract.breakpoint import BreakpointCounts
from interlock.contract.core import limits

MAX_ERROR_CHARACTERS = 500
DAY_SECONDS = 86_400


def count_hit(table: Table, tenant: str, rule: str) -> int:
    """Count a match in a run of a tenant; the number of this one, from 1. A call that is sent twice counts twice."""
    answer = client("dynamodb").update_item(
        TableName=table.name,
        Key=_key(tenant, rule).attributes(),
        UpdateExpression="SET expires = :expires ADD hits :one",
        ExpressionAttributeValues={":one": {"N": "1"}, ":expires": {"N": _expires()}},
        ReturnValues="UPDATED_NEW",
    )
    return int(answer["Attributes"]["hits"]["N"])


def count_condition_error(table: Table, tenant: str, rule: str, error: str) -> None:
    """Count that a breakpoint's condition could not be evaluated, and why."""
    client("dynamodb").update_item(
        TableName=table.name,
        Key=_key(tenant, rule).attributes(),
        UpdateExpression="SET expires = :expires, last_error = :error ADD errors :one",
        ExpressionAttributeValues={
            ":one": {"N": "1"},
            ":error": {"S": error[:MAX_ERROR_CHARACTERS]},
            ":expires": {"N": _expires()},
        },
    )


def read_counts(table: Table, tenants: Sequence[str], rules: Sequence[str]) -> Mapping[str, BreakpointCounts]:
    """How often each breakpoint matched, and how often its condition failed, in the runs of these tenants together.

    The last error is that of the first tenant that has one.
    """
    keys = [_key(tenant, rule) for rule in rules for tenant in tenants]
    rows: dict[tuple[str, str, str], Row] = {}
    for at in range(0, len(keys), KEYS_PER_READ):
        rows |= batch_get({table.name: keys[at : at + KEYS_PER_READ]})
    return {
        rule: _sum([row for tenant in tenants if (row := rows.get((table.name, *_parts(tenant, rule))))])
        for rule in rules
    }


def _sum(rows: Sequence[Row]) -> BreakpointCounts:
    return BreakpointCounts(
        hits=sum(int(row.attributes.get("hits", {}).get("N", "0")) for row in rows),
        errors=sum(int(row.attributes.get("errors", {}).get("N", "0")) for row in rows),
        last_error=next((error for row in rows if (error := row.text("last_error"))), ""),
    )


def _parts(tenant: str, rule: str) -> tuple[str, str]:
    return f"BREAK#{rule}", f"HITS#{tenant}"


def _key(tenant: str, rule: str) -> Key:
    pk, sk = _parts(tenant, rule)
    return Key(pk=pk, sk=sk)


def _expires() -> str:
    return str(int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS)
