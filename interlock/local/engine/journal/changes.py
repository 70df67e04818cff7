"""What can change, as texts of the journal, and how it is put back.

A change names a place and what is there now, so that to put it back twice is to put it back once:
    ["e", service, store, key, value]      an entry of a service's store
    ["x", service, store, key]             it is gone
    ["i", table, pk, sk, item]  ["d", table, pk, sk]  ["t", table, items]     items of a table
    ["q", queue, message]  ["k", queue, ids]                                  messages of a queue
    ["n", service, store, key, path, at, values]                              a list from an index on
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any, cast

Raw = dict[str, Any]
UNKEPT = {"dynamodb": ("items", "ItemCount", "TableSizeBytes"), "sqs": ("messages", "_fair_over")}
"""Parts of a store's entry that have changes of their own."""
GROWING = {
    ("stepfunctions", "executions"): "events",
    ("eventbridge", "archives"): "Events",
    ("cloudwatch_logs", "log_groups"): "streams",
}
"""The part of a store's entries that only grows: what is new of it is written, by its index."""
MAIN = {"dynamodb": "tables", "sqs": "queues"}


def key_text(scoped: Any) -> str:
    """A scoped key as the emulator writes it."""
    if not isinstance(scoped, tuple):
        return repr(scoped)
    parts = cast(tuple[Any, ...], scoped)
    return "\0".join([*(str(part) for part in parts[:-1]), repr(parts[-1])])


def key_of(text: str) -> Any:
    """The key of a text."""
    *scope, last = text.split("\0")
    key = ast.literal_eval(last)
    return (*scope, key) if scope else key


class State:
    """The saved state of every service, to which changes are applied."""

    def __init__(self, load: Callable[[str], Raw | None], scoped: Callable[[int], Any]) -> None:
        """Take how a service's snapshot is read, and how an empty store is made, by the length of its keys."""
        self.changed: set[str] = set()
        self._load = load
        self._scoped = scoped
        self._services: dict[str, Raw | None] = {}
        self._kinds: dict[str, Callable[..., None]] = {
            "e": self._put_entry,
            "x": self._put_removal,
            "i": self._put_item,
            "d": self._put_deletion,
            "t": self._put_table,
            "q": self._put_message,
            "k": self._put_acknowledgement,
            "n": self._put_growth,
            "m": self._put_fields,
        }

    def service(self, name: str) -> Raw | None:
        """The state of a service, if there is any."""
        if name not in self._services:
            self._services[name] = self._load(name)
        return self._services[name]

    def apply(self, change: list[Any]) -> None:
        """Put one change back."""
        kind, *rest = change
        self._kinds[kind](*rest)

    def _entries(self, service: str, store: str, key: Any) -> Raw:
        state = self.service(service)
        if state is None:
            state = self._services[service] = {}
        self.changed.add(service)
        if not isinstance(key, tuple):
            return state.setdefault(store, {})
        held = state.get(store)
        if held is None or not hasattr(held, "_data"):
            state[store] = held = self._scoped(len(cast(tuple[Any, ...], key)))
        return held._data

    def _put_entry(self, service: str, store: str, key: str, value: Any) -> None:
        if key == "":
            state = self.service(service)
            if state is None:
                state = self._services[service] = {}
            self.changed.add(service)
            state[store] = value
            return
        entries = self._entries(service, store, key_of(key))
        before = entries.get(key_of(key))
        if MAIN.get(service) == store:
            for name in UNKEPT[service]:
                if before and name in before:
                    value[name] = before[name]
            value.setdefault("items" if service == "dynamodb" else "messages", {} if service == "dynamodb" else [])
        part = GROWING.get((service, store))
        if part and part not in value:
            value[part] = (before or {}).get(part, {} if part == "streams" else [])
        entries[key_of(key)] = value

    def _put_removal(self, service: str, store: str, key: str) -> None:
        self._entries(service, store, key_of(key)).pop(key_of(key), None)

    def _items(self, table: str) -> Raw:
        entry = self._entries("dynamodb", "tables", key_of(table)).setdefault(key_of(table), {})
        return entry.setdefault("items", {})

    def _put_item(self, table: str, pk: str, sk: str, item: Raw) -> None:
        self._items(table).setdefault(pk, {})[sk] = item

    def _put_deletion(self, table: str, pk: str, sk: str) -> None:
        items = self._items(table)
        items.get(pk, {}).pop(sk, None)
        if not items.get(pk):
            items.pop(pk, None)

    def _put_table(self, table: str, items: Raw) -> None:
        held = self._items(table)
        held.clear()
        held.update(items)

    def _messages(self, queue: str) -> list[Raw]:
        entry = self._entries("sqs", "queues", key_of(queue)).setdefault(key_of(queue), {})
        return entry.setdefault("messages", [])

    def _put_message(self, queue: str, message: Raw) -> None:
        messages = self._messages(queue)
        messages[:] = [*(one for one in messages if one["id"] != message["id"]), message]

    def _put_acknowledgement(self, queue: str, ids: list[str]) -> None:
        gone, messages = set(ids), self._messages(queue)
        messages[:] = [one for one in messages if one["id"] not in gone]

    def _put_growth(self, service: str, store: str, key: str, path: list[str], at: int, values: list[Any]) -> None:
        if path:
            self._part(service, store, key, path[:-1]).setdefault(path[-1], [])[at:] = values
        else:
            self._entries(service, store, key_of(key)).setdefault(key_of(key), [])[at:] = values

    def _put_fields(self, service: str, store: str, key: str, path: list[str], values: Raw) -> None:
        self._part(service, store, key, path).update(values)

    def _part(self, service: str, store: str, key: str, path: list[str]) -> Raw:
        place = self._entries(service, store, key_of(key)).setdefault(key_of(key), {})
        for name in path:
            place = place.setdefault(name, {})
        return place

    def finish(self) -> None:
        """Count what the changes left uncounted, and drop entries of which only a part was put back."""
        for service, store in MAIN.items():
            if service not in self.changed:
                continue
            state = self.service(service) or {}
            held: Any = state.get(store)
            if held is None:
                continue
            name = "TableArn" if service == "dynamodb" else "attributes"
            for key in [key for key, entry in held._data.items() if name not in entry]:
                del held._data[key]
            for entry in held._data.values() if service == "dynamodb" else ():
                entry["ItemCount"] = sum(len(part) for part in entry["items"].values())
                entry["TableSizeBytes"] = entry["ItemCount"] * 200


def dumps(*parts: Any) -> str:
    """A change as text."""
    return json.dumps(parts, separators=(",", ":"))
