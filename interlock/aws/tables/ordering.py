"""Turns: which run of an ordering key is under way, and the starts that wait behind it; in the table of runs."""

import time
from collections.abc import Iterator

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.table import Key, Table
from interlock.contract.core import limits
from interlock.contract.core.base import Document
from interlock.contract.run import Body

DAY_SECONDS = 86_400


class Waiting(Document):
    """A start that waits for its turn."""

    run: str
    at: str
    """When its event was accepted, and its change id: it waits in this order."""
    message: Body

    @property
    def sort(self) -> str:
        """Its sort key."""
        return f"WAIT#{self.at}#{self.run}"


class OrderingQueue:
    """The turns of every tenant; only the platform's functions touch them."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def wait(self, tenant: str, ordering_key: str, entry: Waiting) -> None:
        """Let a start wait; a second call changes nothing."""
        extra = {"expires": int(time.time()) + limits.DEDUPE_DAYS * DAY_SECONDS}
        self.table.put(Key(pk=_pk(tenant, ordering_key), sk=entry.sort), entry, extra=extra)

    def waiting(self, tenant: str, ordering_key: str) -> Iterator[Waiting]:
        """The starts that wait, the first one first."""
        for row in self.table.query_all(_pk(tenant, ordering_key), "WAIT#"):
            yield row.read(Waiting)

    def served(self, tenant: str, ordering_key: str, entry: Waiting) -> None:
        """Let a start wait no more."""
        self.table.delete(Key(pk=_pk(tenant, ordering_key), sk=entry.sort))

    def take(self, tenant: str, ordering_key: str, run: str) -> str:
        """Take the turn for a run where nobody has it; whose it is now."""
        key = Key(pk=_pk(tenant, ordering_key), sk="HEAD")
        params = {
            "TableName": self.table.name,
            "Item": key.attributes() | {"holder": {"S": run}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        try:
            client("dynamodb").put_item(**params)
        except ClientError as error:
            if not is_conditional(error):
                raise
            row = self.table.get(key)
            return row.text("holder") if row else ""
        return run

    def release(self, tenant: str, ordering_key: str, run: str) -> None:
        """Give the turn back, if it is this run's."""
        try:
            client("dynamodb").delete_item(
                TableName=self.table.name,
                Key=Key(pk=_pk(tenant, ordering_key), sk="HEAD").attributes(),
                ConditionExpression="holder = :run",
                ExpressionAttributeValues={":run": {"S": run}},
            )
        except ClientError as error:
            if not is_conditional(error):
                raise


def _pk(tenant: str, ordering_key: str) -> str:
    return f"TURN#{tenant}#{ordering_key}"
