"""moto's tables as DynamoDB's: each call is whole before the next begins, whichever thread makes it.

moto checks a condition and writes in two moves, and copies every table for a transaction while another thread may
write. It also sorts a whole table for every query of an index.
"""

import threading
from typing import Any

import pytest
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

_LOCK = threading.RLock()
_CALL: Any = DynamoHandler.call_action
_ITEMS: Any = Table.all_items


def whole_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve one call of DynamoDB at a time, until the test ends."""
    monkeypatch.setattr(DynamoHandler, "call_action", _call)
    monkeypatch.setattr(Table, "all_items", _sorted_items)


def _call(handler: DynamoHandler) -> Any:
    with _LOCK:
        return _CALL(handler)


def _sorted_items(table: Any) -> list[Any]:
    if not table.range_key_attr:
        return _ITEMS(table)
    # Keys of our tables are text; moto's own order knows every type, at the price of half a query.
    items = [item for part in table.items.values() for item in part.values()]
    return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value))
