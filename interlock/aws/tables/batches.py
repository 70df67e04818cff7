"""Batches of DynamoDB: what it leaves unprocessed is sent again, later each time as AWS asks for, and not for ever.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from interlock.aws.clients import client
from interlock.contract.core.failure import Unavailable

ROUNDS = 8
FIRST_SECONDS, LONGEST_SECONDS = 0.05, 2.0
"""What is waited for the second round at most, and for any: six seconds in all at most, within every caller's time."""
KEYS_PER_READ = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
Wait = Callable[[float], None]


def write_batch(request: Mapping[str, Any], wait: Wait = time.sleep) -> None:
    """Write a batch, all of it.

    Args:
        request: `RequestItems`.
        wait: waits so many seconds.

    Raises:
        Unavailable: DynamoDB left some unwritten in every round.
    """
    left: Any = request
    for tried in range(ROUNDS):
        pause(tried, wait)
        left = client("dynamodb").batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
        if not left:
            return
    raise Unavailable("DynamoDB did not write all items", where="BatchWriteItem", next_step="Try again.")


def read_batch(request: Mapping[str, Any], wait: Wait = time.sleep) -> list[tuple[str, dict[str, Any]]]:
    """Read a batch: pairs of a table and an item, absent ones left out.

    Args:
        request: `RequestItems`.
        wait: waits so many seconds.

    Raises:
        Unavailable: DynamoDB left keys unprocessed in every round.
    """
    left: Any = request
    items: list[tuple[str, dict[str, Any]]] = []
    for tried in range(ROUNDS):
        pause(tried, wait)
        answer = client("dynamodb").batch_get_item(RequestItems=left)
        items += [(table, row) for table, rows in answer["Responses"].items() for row in rows]
        left = answer.get("UnprocessedKeys") or {}
        if not left:
            return items
    raise Unavailable("DynamoDB did not answer for all keys", where="BatchGetItem", next_step="Try again.")


def pause(tried: int, wait: Wait) -> None:
    """Wait before another round, varied by chance; not before the first."""
    if tried:
        wait(random.uniform(0, min(FIRST_SECONDS * 2 ** (tried - 1), LONGEST_SECONDS)))
