"""Places that a tenant's slow calls may occupy at the same time: one item a tenant, in the table of runs.

A place has an end, so that what a crash leaves occupied is free again by itself.
"""

import random
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.table import Key

DAY_SECONDS = 86_400


class Slots:
    """The places of one kind, of every tenant."""

    def __init__(self, table: str, kind: str, most: int, seconds: int) -> None:
        """Name the places; nothing is called.

        Args:
            table: the table of runs.
            kind: what they are of, such as "webhooks".
            most: how many a tenant has.
            seconds: after which one is free by itself: longer than the call takes.
        """
        self.table, self.kind, self.most, self.seconds = table, kind, most, seconds

    @contextmanager
    def occupied(self, tenant: str) -> Generator[bool]:
        """Occupy one place of a tenant while the block runs; whether there was one."""
        place = self._take(tenant)
        try:
            yield place is not None
        finally:
            if place is not None:
                self._give(tenant, *place)

    def _take(self, tenant: str) -> tuple[str, str] | None:
        """A place and until when, to the microsecond, which tells it from another call's."""
        now = time.time()
        answer = client("dynamodb").get_item(TableName=self.table, Key=self._key(tenant), ConsistentRead=True)
        item: dict[str, dict[str, Any]] = answer.get("Item", {})
        free = [name for name in self._names() if float(item.get(name, {}).get("N", "0")) < now]
        random.shuffle(free)
        until = f"{now + self.seconds:.6f}"
        for name in free:
            values = {":until": {"N": until}, ":now": {"N": f"{now:.6f}"}}
            values |= {":expires": {"N": str(int(now) + DAY_SECONDS)}}
            change = "SET #place = :until, expires = :expires"
            if self._update(tenant, name, change, "attribute_not_exists(#place) OR #place < :now", values):
                return name, until
        return None

    def _give(self, tenant: str, name: str, until: str) -> None:
        """Free a place, unless its time was over and another call has it."""
        _ = self._update(tenant, name, "REMOVE #place", "#place = :until", {":until": {"N": until}})

    def _update(self, tenant: str, name: str, change: str, condition: str, values: dict[str, dict[str, str]]) -> bool:
        try:
            client("dynamodb").update_item(
                TableName=self.table,
                Key=self._key(tenant),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#place": name},
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if is_conditional(error):
                return False
            raise
        return True

    def _key(self, tenant: str) -> dict[str, dict[str, Any]]:
        return Key(pk=f"SLOTS#{tenant}", sk=self.kind).attributes()

    def _names(self) -> list[str]:
        return [f"place{number}" for number in range(self.most)]
