"""Failures counted by group, in the table of runs: in all, and by day."""

from datetime import timedelta
from typing import Any

from interlock.aws.tables.table import Key, Row
from interlock.contract.core.base import now
from interlock.contract.explain import FailureGroup

DAYS = 30
"""So many days back are answered; a group that goes on failing has one number for each day since it began."""
_DAY = "day#"


def read_group(row: Row) -> FailureGroup:
    """A failure group as it was counted."""
    attributes = row.attributes
    oldest = now(-timedelta(days=DAYS))[:10]
    days = {name.removeprefix(_DAY): int(value["N"]) for name, value in attributes.items() if name.startswith(_DAY)}
    fields = {"count": int(attributes["count"]["N"]), "first": row.text("first"), "last": row.text("last")}
    recent = {day: days[day] for day in sorted(days) if day >= oldest}
    return row.read(FailureGroup).model_copy(update=fields | {"days": recent})


def group_update(tenant: str, group: FailureGroup, expires: str | int) -> dict[str, Any]:
    """The update that counts one failure: the first time stays, the rest is of the last failure."""
    fields = {"#doc": "doc", "#first": "first", "#last": "last", "#count": "count", "#day": f"{_DAY}{group.last[:10]}"}
    return {
        "Key": Key(pk=f"FAIL#{tenant}", sk=group.fingerprint).attributes(),
        "UpdateExpression": "SET #doc = :doc, #first = if_not_exists(#first, :at), #last = :at, gsi5pk = :pk,"
        " gsi5sk = :sk, expires = :expires ADD #count :one, #day :one",
        "ExpressionAttributeNames": fields,
        "ExpressionAttributeValues": {
            ":doc": {"S": group.model_dump_json()},
            ":at": {"S": group.last},
            ":pk": {"S": f"TEN#{tenant}#GROUPS"},
            ":sk": {"S": f"{group.last}#{group.fingerprint}"},
            ":expires": {"N": str(expires)},
            ":one": {"N": "1"},
        },
    }
