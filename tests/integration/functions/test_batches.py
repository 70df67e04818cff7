"""What DynamoDB leaves unprocessed is sent again: later each time, by chance, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from interlock.aws.clients import client
from interlock.aws.tables.batches import FIRST_SECONDS, LONGEST_SECONDS, ROUNDS, read_batch, write_batch
from interlock.contract.core.failure import Unavailable

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
PUT: dict[str, Any] = {"runs": [{"PutRequest": {"Item": KEY}}]}
GET: dict[str, Any] = {"runs": {"Keys": [KEY]}}


@pytest.fixture
def dynamodb() -> Iterator[Stubber]:
    with Stubber(client("dynamodb")) as stubber:
        yield stubber


def most(tried: int) -> float:
    return min(FIRST_SECONDS * 2**tried, LONGEST_SECONDS)


def test_unwritten_items_are_written_later(dynamodb: Stubber) -> None:
    for left in (PUT, PUT, {}):
        dynamodb.add_response("batch_write_item", {"UnprocessedItems": left}, {"RequestItems": PUT})
    waits: list[float] = []
    write_batch(PUT, waits.append)
    assert len(waits) == 2
    assert all(seconds <= most(tried) for tried, seconds in enumerate(waits))
    dynamodb.assert_no_pending_responses()


def test_unread_keys_are_read_later(dynamodb: Stubber) -> None:
    dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": GET})
    dynamodb.add_response("batch_get_item", {"Responses": {"runs": [KEY]}, "UnprocessedKeys": {}})
    waits: list[float] = []
    assert read_batch(GET, waits.append) == [("runs", KEY)]
    assert len(waits) == 1


def test_rounds_end(dynamodb: Stubber) -> None:
    for _ in range(ROUNDS):
        dynamodb.add_response("batch_write_item", {"UnprocessedItems": PUT})
    waits: list[float] = []
    with pytest.raises(Unavailable, match="did not write all"):
        write_batch(PUT, waits.append)
    assert len(waits) == ROUNDS - 1
    assert sum(most(tried) for tried in range(ROUNDS - 1)) < 7
    for _ in range(ROUNDS):
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": GET})
    with pytest.raises(Unavailable, match="did not answer"):
        read_batch(GET, waits.append)
