"""The writes of a run, in the order in which they are made: items, stream records, messages, executions.

The corrected emulator calls these where it changes its stores. They are written before the caller gets its answer:
what a step did, and that it did it, are not apart after a crash.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex

from .changes import dumps, key_text

Raw = dict[str, Any]
Write = Callable[[list[str]], None]
Text = Callable[[Any], str]
STREAMS = "interlock_streams"
TRIMMED = "interlock_trimmed"

_together: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("interlock_together", default=None)
"""The changes of the request that is served: all of them are written, or none."""


class Writes:
    """Where changes go."""

    def __init__(self, write: Write, text: Text) -> None:
        """Take how changes are written, and how a value is."""
        self._write = write
        self._text = text
        self._live: dict[str, tuple[Raw, int]] = {}
        self._bases: dict[str, int] = {}

    def add(self, change: str) -> None:
        """Write a change, or keep it for the end of the request."""
        together = _together.get()
        if together is None:
            self._write([change])
        else:
            together.append(change)

    async def request(self, serve: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        """Serve a request; what it changes is written at once."""
        token = _together.set([])
        try:
            return await serve(*values)
        finally:
            changes = _together.get() or []
            _together.reset(token)
            self._write(changes)

    def item(self, table: Raw, pk: str, sk: str, item: Raw | None) -> None:
        """An item was stored, or it is gone."""
        key = _table_key(table)
        if item is None:
            self.add(dumps("d", key, pk, sk))
        else:
            self.add(f"{dumps('i', key, pk, sk)[:-1]},{self._text(item)}]")

    def items(self, table: Raw) -> None:
        """All items of a table were replaced."""
        self.add(f"{dumps('t', _table_key(table))[:-1]},{self._text(table['items'])}]")

    def stream(self, table: Raw, records: list[Raw], trimmed: int) -> None:
        """A record was added to a table's stream."""
        key = _table_key(table)
        at = len(records) - 1
        if self._bases.get(key) != trimmed:
            self._bases[key], at = trimmed, 0
            self.add(dumps("e", "dynamodb", TRIMMED, key, trimmed))
        self.add(f"{dumps('n', 'dynamodb', STREAMS, key, [], at)[:-1]},{self._text(records[at:])}]")

    def begin_streams(self, tables: Any, functions: Any) -> None:
        """Drop the records that every reader has read; a reader who was further than the stream goes on at its end."""
        read: dict[Any, list[int]] = {}
        if functions is None:
            return
        for (account, region, _), mapping in list(functions._esms._data.items()):
            source = str(mapping.get("EventSourceArn", ""))
            if ":dynamodb:" not in source:
                continue
            key = (account, region, source.split("/stream/")[0].rpartition("/")[2])
            position = functions._dynamodb_stream_positions._data.get((account, region, mapping["UUID"]))
            read.setdefault(key, []).append(tables._stream_trimmed._data.get(key, 0) if position is None else position)
        for key, positions in read.items():
            records = tables._stream_records._data.setdefault(key, [])
            trimmed = tables._stream_trimmed._data.get(key, 0)
            end = max(trimmed + len(records), *positions)
            gone = max(0, min(positions) - trimmed)
            del records[:gone]
            tables._stream_trimmed._data[key] = end - len(records)

    def message(self, queue: str, message: Raw) -> None:
        """A message was sent."""
        self.add(f"{dumps('q', queue)[:-1]},{self._text(message)}]")

    def deleted(self, queue: str, ids: Iterable[str]) -> None:
        """Messages were deleted."""
        self.add(dumps("k", queue, list(ids)))

    def execution(self, key: str, execution: Raw) -> None:
        """An execution began or ended."""
        fields = {name: value for name, value in execution.items() if name != "events"}
        seen = self._live.get(key, (execution, 0))[1]
        events = execution["events"]
        count = len(events)
        changes = [f"{dumps('e', 'stepfunctions', 'executions', key)[:-1]},{self._text(fields)}]"]
        changes += self._events(key, events, seen, count)
        if execution["status"] == "RUNNING":
            self._live[key] = (execution, count)
        else:
            self._live.pop(key, None)
        for change in changes:
            self.add(change)

    def histories(self) -> list[str]:
        """What is new of the histories of the executions that run."""
        changes: list[str] = []
        for key, (execution, seen) in list(self._live.items()):
            count = len(execution["events"])
            if execution["status"] != "RUNNING":
                self.execution(key, execution)
            elif count > seen:
                self._live[key] = (execution, count)
                changes += self._events(key, execution["events"], seen, count)
        return changes

    def forget(self, key: str) -> None:
        """An execution was removed."""
        self._live.pop(key, None)
        self.add(dumps("x", "stepfunctions", "executions", key))

    def _events(self, key: str, events: list[Raw], seen: int, count: int) -> list[str]:
        if count <= seen:
            return []
        head = dumps("n", "stepfunctions", "executions", key, ["events"], seen)[:-1]
        return [f"{head},{self._text(events[seen:count])}]"]


def _table_key(table: Raw) -> str:
    _, _, _, region, account, resource = str(table["TableArn"]).split(":", 5)
    return key_text((account, region, resource.partition("/")[2]))


class Messages(list[Raw]):
    """The messages of a queue; each way in which the emulator changes them is written."""

    def __init__(self, writes: Writes, queue: str, messages: Iterable[Raw] = ()) -> None:
        """Take messages that are written already."""
        super().__init__(messages)
        self.writes = writes
        self.queue = queue

    def append(self, message: Raw, /) -> None:
        """A message is sent."""
        super().append(message)
        self.writes.message(self.queue, message)

    def remove(self, message: Raw, /) -> None:
        """A message is deleted."""
        super().remove(message)
        self.writes.deleted(self.queue, [message["id"]])

    def clear(self) -> None:
        """All messages are deleted."""
        ids = [message["id"] for message in self]
        super().clear()
        self.writes.deleted(self.queue, ids)

    def pop(self, index: SupportsIndex = -1, /) -> Raw:
        """A message is taken away."""
        message = super().pop(index)
        self.writes.deleted(self.queue, [message["id"]])
        return message


def queues_of(base: type[Any], writes: Writes) -> Any:
    """The emulator's store of queues, whose messages are written."""

    def written(key: Any, queue: Raw) -> Raw:
        # Nothing is put in the place of a queue's messages (corrections/lost_messages.py).
        return queue | {"messages": Messages(writes, key_text(key), queue.get("messages", ()))}

    class Queues(base):
        __slots__ = ()

        def __setitem__(self, name: Any, queue: Raw) -> None:
            key = self._scoped(name)
            self._data[key] = written(key, queue)

        def update(self, other: Any) -> None:
            for key, queue in other._data.items():
                self._data[key] = written(key, queue)

    return Queues()


def executions_of(base: type[Any], writes: Writes) -> Any:
    """The emulator's store of executions, whose beginnings and removals are written."""

    class Executions(base):
        __slots__ = ()

        def __setitem__(self, name: Any, execution: Raw) -> None:
            key = self._scoped(name)
            self._data[key] = execution
            writes.execution(key_text(key), execution)

        def pop(self, name: Any, *default: Any) -> Any:
            key = self._scoped(name)
            if key in self._data:
                writes.forget(key_text(key))
            return self._data.pop(key, *default)

    return Executions()


def positions_of(base: type[Any], writes: Writes) -> Any:
    """The emulator's store of how far a stream was read, each step of which is written."""

    class Positions(base):
        __slots__ = ()

        def __setitem__(self, name: Any, position: int) -> None:
            key = self._scoped(name)
            if self._data.get(key) != position:
                self._data[key] = position
                writes.add(dumps("e", "lambda", "dynamodb_stream_positions", key_text(key), position))

    return Positions()
