"""Counters of quotas, in the table of runs: one item a tenant for what is under way, one a minute, one a day.

Each change is one conditional write of one item. What a crash leaves counted too high is counted anew, once a minute
at most, when a tenant finds no room (`control.admit`).
"""

import time
from collections import Counter
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.table import Key, Row
from interlock.contract.core.base import Document

HOUR_SECONDS, DAY_SECONDS = 3_600, 86_400
RECOUNT_SECONDS = 60
QUARTER_SECONDS = 900
"""No Lambda function lasts longer: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class InUse(Document):
    """What of a tenant's quotas is in use, and by which installs."""

    runs: int = 0
    runs_of: dict[str, int] = {}
    steps: int = 0
    """Inside a Map or a Parallel."""
    steps_of: dict[str, int] = {}
    milliseconds: int = 0
    """Of steps, this day."""
    milliseconds_of: dict[str, int] = {}


def day_key(tenant: str, day: str) -> Key:
    """Where a tenant's day is."""
    return Key(pk=f"QUOTA#{tenant}", sk=f"DAY#{day}")


def quarter_now() -> int:
    """The quarter of an hour that it is, counted from 1970."""
    return int(time.time()) // QUARTER_SECONDS


def steps_key(tenant: str, quarter: int) -> Key:
    """Where a tenant's steps of a quarter of an hour are counted, by the quarter in which they began."""
    return Key(pk=f"QUOTA#{tenant}", sk=f"STEPS#{quarter}")


def counts_of(row: Row | None, install: str) -> tuple[int, int]:
    """What an item counts for its tenant, and for one install."""
    values = row.attributes if row is not None else {}
    return int(values.get("all", {}).get("N", 0)), int(values.get(_name(install), {}).get("N", 0))


class Counters:
    """The counters of every tenant."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = table

    def take(self, tenant: str, install: str, most: tuple[int, int]) -> bool:
        """Count a run as under way, if tenant and install have room; whether they had."""
        return self._add(Key(pk=f"QUOTA#{tenant}", sk="NOW"), install, 1, most)

    def give(self, tenant: str, install: str) -> None:
        """Count a run as over."""
        self._subtract(Key(pk=f"QUOTA#{tenant}", sk="NOW"), install)

    def take_step(self, tenant: str, install: str, quarter: int, most: tuple[int, int]) -> bool:
        """Count a step of a Map or a Parallel as under way, if tenant and install have room; whether they had."""
        return min(most) > 0 and self._add(steps_key(tenant, quarter), install, 1, most, HOUR_SECONDS)

    def give_step(self, tenant: str, install: str, quarter: int) -> None:
        """Count a step as over, in the quarter in which it began."""
        self._subtract(steps_key(tenant, quarter), install)

    def hit(self, principal: str) -> int:
        """Count a call of the API; how many there were within this minute."""
        now = int(time.time())
        answer = client("dynamodb").update_item(
            TableName=self.table,
            Key=Key(pk=f"RATE#{principal}", sk=str(now // 60)).attributes(),
            UpdateExpression="ADD hits :one SET expires = :expires",
            ExpressionAttributeValues={":one": {"N": "1"}, ":expires": {"N": str(now + HOUR_SECONDS)}},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["hits"]["N"])

    def in_use(self, tenant: str, day: str) -> InUse:
        """What is in use now, and of a day."""
        now, spent = (self._numbers(key) for key in (Key(pk=f"QUOTA#{tenant}", sk="NOW"), day_key(tenant, day)))
        quarter = quarter_now()
        steps = Counter(self._numbers(steps_key(tenant, quarter)))
        steps.update(self._numbers(steps_key(tenant, quarter - 1)))
        return InUse(
            runs=now.pop("all", 0),
            runs_of=now,
            steps=steps.pop("all", 0),
            steps_of=steps,
            milliseconds=spent.pop("all", 0),
            milliseconds_of=spent,
        )

    def _numbers(self, key: Key) -> dict[str, int]:
        answer = client("dynamodb").get_item(TableName=self.table, Key=key.attributes())
        values: dict[str, dict[str, Any]] = answer.get("Item", {})
        numbers = {name: int(value["N"]) for name, value in values.items() if "N" in value}
        return {
            name[1:] if name != "all" else name: n for name, n in numbers.items() if name == "all" or name[0] == "i"
        }

    def count(self, tenant: str, install: str, what: str, number: int, most: tuple[int, int]) -> bool:
        """Count starts or events of this minute, if there is room; whether there was."""
        key = Key(pk=f"QUOTA#{tenant}", sk=f"MINUTE#{int(time.time()) // 60}#{what}")
        return self._add(key, install, number, most, HOUR_SECONDS)

    def consume_step_time(self, tenant: str, install: str, day: str, milliseconds: int) -> tuple[int, int]:
        """Count step time of a day; the tenant's and the install's sums in milliseconds."""
        fields = self._words(day_key(tenant, day), install, milliseconds, 2 * DAY_SECONDS)
        after = client("dynamodb").update_item(**fields, ReturnValues="UPDATED_NEW")["Attributes"]
        return int(after["all"]["N"]), int(after[_name(install)]["N"])

    def close_day(self, tenant: str, install: str, day: str) -> None:
        """Note that the step time of a day is spent: the install's, or the tenant's where `install` is empty."""
        client("dynamodb").update_item(
            TableName=self.table,
            Key=day_key(tenant, day).attributes(),
            UpdateExpression="SET #full = :true",
            ExpressionAttributeNames={"#full": f"full{install}"},
            ExpressionAttributeValues={":true": {"BOOL": True}},
        )

    def may_recount(self, tenant: str) -> bool:
        """Whether this is the first in a minute to count the tenant's runs anew."""
        now = int(time.time())
        return self._try(
            {
                "Key": Key(pk=f"QUOTA#{tenant}", sk="NOW").attributes(),
                "UpdateExpression": "SET recounted = :now",
                "ConditionExpression": "attribute_not_exists(recounted) OR recounted < :then",
                "ExpressionAttributeValues": {":now": {"N": str(now)}, ":then": {"N": str(now - RECOUNT_SECONDS)}},
            }
        )

    def recount(self, tenant: str, installs: dict[str, int]) -> None:
        """Write how many runs of a tenant are under way, by install."""
        item: dict[str, Any] = {
            **Key(pk=f"QUOTA#{tenant}", sk="NOW").attributes(),
            "recounted": {"N": str(int(time.time()))},
            "all": {"N": str(sum(installs.values()))},
        }
        item |= {_name(install): {"N": str(count)} for install, count in installs.items()}
        client("dynamodb").put_item(TableName=self.table, Item=item)

    def _add(self, key: Key, install: str, number: int, most: tuple[int, int], seconds: int = 0) -> bool:
        fields = self._words(key, install, number, seconds)
        fields["ConditionExpression"] = (
            "(attribute_not_exists(#all) OR #all <= :most) AND (attribute_not_exists(#one) OR #one <= :own)"
        )
        fields["ExpressionAttributeValues"] |= {
            ":most": {"N": str(most[0] - number)},
            ":own": {"N": str(most[1] - number)},
        }
        return self._try(fields)

    def _subtract(self, key: Key, install: str) -> None:
        fields = self._words(key, install, -1)
        # Never below zero: a recount between may have known already.
        fields["ConditionExpression"] = "#all > :zero AND #one > :zero"
        fields["ExpressionAttributeValues"][":zero"] = {"N": "0"}
        _ = self._try(fields)

    def _words(self, key: Key, install: str, number: int, seconds: int = 0) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "TableName": self.table,
            "Key": key.attributes(),
            "UpdateExpression": "ADD #all :n, #one :n",
            "ExpressionAttributeNames": {"#all": "all", "#one": _name(install)},
            "ExpressionAttributeValues": {":n": {"N": str(number)}},
        }
        if seconds:
            fields["UpdateExpression"] += " SET expires = :expires"
            fields["ExpressionAttributeValues"][":expires"] = {"N": str(int(time.time()) + seconds)}
        return fields

    def _try(self, fields: dict[str, Any]) -> bool:
        try:
            client("dynamodb").update_item(**{"TableName": self.table, **fields})
        except ClientError as error:
            if is_conditional(error):
                return False
            raise
        return True


def is_spent(row: Row | None, install: str) -> bool:
    """Whether the step time of a day is spent, by what its item says."""
    return row is not None and ("full" in row.attributes or f"full{install}" in row.attributes)


def _name(install: str) -> str:
    return f"i{install}"
