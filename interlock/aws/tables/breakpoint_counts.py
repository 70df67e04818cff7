"""How often breakpoints matched, and how often their conditions could not be evaluated; kept in the table of runs."""

import time

from interlock.aws.clients import client
from interlock.aws.tables.table import Key, Table
from interlock.contract.breakpoint import BreakpointCounts
from interlock.contract.core import limits

MAX_ERROR_CHARACTERS = 500
DAY_SECONDS = 86_400


def count_hit(table: Table, rule: str) -> int:
    """Count a match of a breakpoint; the number of this one, from 1. A call that is sent twice counts twice."""
    answer = client("dynamodb").update_item(
        TableName=table.name,
        Key=_key(rule).attributes(),
        UpdateExpression="SET expires = :expires ADD hits :one",
        ExpressionAttributeValues={":one": {"N": "1"}, ":expires": {"N": _expires()}},
        ReturnValues="UPDATED_NEW",
    )
    return int(answer["Attributes"]["hits"]["N"])


def count_condition_error(table: Table, rule: str, error: str) -> None:
    """Count that a breakpoint's condition could not be evaluated, and why."""
    client("dynamodb").update_item(
        TableName=table.name,
        Key=_key(rule).attributes(),
        UpdateExpression="SET expires = :expires, last_error = :error ADD errors :one",
        ExpressionAttributeValues={
            ":one": {"N": "1"},
            ":error": {"S": error[:MAX_ERROR_CHARACTERS]},
            ":expires": {"N": _expires()},
        },
    )


def read_counts(table: Table, rule: str) -> BreakpointCounts:
    """How often a breakpoint matched, and how often its condition failed."""
    row = table.get(_key(rule))
    if row is None:
        return BreakpointCounts()
    attributes = row.attributes
    return BreakpointCounts(
        hits=int(attributes.get("hits", {}).get("N", "0")),
        errors=int(attributes.get("errors", {}).get("N", "0")),
        last_error=attributes.get("last_error", {}).get("S", ""),
    )


def _key(rule: str) -> Key:
    return Key(pk=f"BREAK#{rule}", sk="HITS")


def _expires() -> str:
    return str(int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS)
