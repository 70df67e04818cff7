"""Items of a table as DynamoDB has them, for an export of the whole and its import (ADR 0030)."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.table import Item, Key


def scan_items(table: str) -> Iterator[Item]:
    """Every item of a table, page by page, consistently: only for a command of an operator."""
    for page in client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def read_item(table: str, key: Key) -> Item | None:
    """An item as it is now; None where there is none."""
    return client("dynamodb").get_item(TableName=table, Key=key.attributes(), ConsistentRead=True).get("Item")


def put_absent(table: str, item: Item) -> bool:
    """Write an item where there is none of its key; whether it was written."""
    try:
        client("dynamodb").put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    except ClientError as error:
        if is_conditional(error):
            return False
        raise
    return True


def key_of(item: Item) -> Key:
    """The key of an item."""
    return Key(pk=str(item["pk"]["S"]), sk=str(item["sk"]["S"]))
