"""What changed of a service since it was last looked at.

Items, messages and executions are written when they change (`writes.py`). Everything else is a configuration that
changes seldom: its entries are compared with what was written of them, when a request may have changed them, and now
and then for what changes by itself.
"""

from __future__ import annotations

import contextlib
import copy
import marshal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from .changes import GROWING, MAIN, UNKEPT, dumps, key_text

Raw = dict[str, Any]
PLAIN = (
    "dynamodb sqs scheduler eventbridge pipes stepfunctions cognito secretsmanager ssm kms iam cloudwatch_logs "
    "cloudwatch cloudformation apigateway sns s3"
).split()
"""Services whose `get_state` only copies: it can be asked without the copies."""
SELDOM = 2000.0
"""A service that nobody changed is looked at again after so many times as long as the look took (ADR 0031)."""
PAUSE_SECONDS = 2.0
TRIES = 5
STACKS = "cloudformation"
PROMPT = ("scheduler", "eventbridge", "cognito")
"""Services that change by themselves: a schedule that is over deletes itself, an archive gets an event."""
PROMPT_SECONDS = 0.4
HEAVY = ("_template", "_template_body", "_resources")
"""Most of a stack. While it is at rest nothing in them changes, so they are not read at each look."""
LISTS = {("cloudformation", "stack_events")}
"""Stores whose entries are lists that only grow."""
WITH_CODE = ("lambda",)
"""Services that hold megabytes of bytes, which `Blobs` knows again without reading them."""
MARSHAL_VERSION = 2
"""Later ones write an object that occurs twice once, so equal values may differ."""
SKIPPED = {("stepfunctions", "executions"), ("cloudwatch_logs", "log_records"), ("cloudwatch", "metrics")}


class _Copies:
    """The module `copy` of the emulator's services: while a thread looks at them, it copies nothing."""

    def __init__(self) -> None:
        self.looking = threading.local()
        self.copy = copy.copy

    def deepcopy(self, value: Any, memo: Any = None) -> Any:
        return value if getattr(self.looking, "on", False) else copy.deepcopy(value, memo)


class _Mark(NamedTuple):
    """What differs where an entry does."""

    number: int
    parts: tuple[Any, ...] = ()
    """Large parts that are replaced, never changed: they differ where they are other objects."""

    def same(self, other: _Mark | None) -> bool:
        return (
            other is not None
            and other.number == self.number
            and len(other.parts) == len(self.parts)
            and all(one is another for one, another in zip(self.parts, other.parts, strict=True))
        )


class Watch:
    """The services, and what was last written of them."""

    def __init__(self, states: dict[str, str], text: Callable[[Any], str]) -> None:
        """Take the services' modules by the name of their state, and how a value is written."""
        self._states = states
        self._text = text
        self._copies = _Copies()
        self._written: dict[str, dict[tuple[str, str], _Mark]] = {}
        self._lengths: dict[tuple[str, ...], tuple[int, int]] = {}
        self._due: dict[str, float] = {}
        self.dirty: set[str] = set()
        self.lock = threading.Lock()

    def services(self) -> list[str]:
        """Those that are in use."""
        return [name for name in self._states if self._module(name) is not None]

    def due(self) -> list[str]:
        """Those that may have changed. Stacks are looked at with all that they make (`stacks.py`), never alone."""
        now = time.monotonic()
        names = (name for name in self.services() if name != STACKS)
        return [name for name in names if name in self.dirty or self._due.get(name, 0.0) <= now]

    def changes(self, services: list[str]) -> list[str]:
        """The changes of some services since the last call, as texts.

        The stacks are read first and written last: what a stack says that it made is there, also where it ends while
        the others are read.
        """
        stacks = self._changes_of([name for name in services if name == STACKS])
        return self._changes_of([name for name in services if name != STACKS]) + stacks

    def _changes_of(self, services: list[str]) -> list[str]:
        texts: list[str] = []
        for service in services:
            begun = time.monotonic()
            self.dirty.discard(service)
            for _ in range(TRIES):
                try:
                    texts += list(self._changes(service))
                    break
                except RuntimeError:
                    # It changed while it was read. It is read again, and all of it is written.
                    self._forget(service)
            took = time.monotonic() - begun
            pause = PROMPT_SECONDS if service in PROMPT else PAUSE_SECONDS + SELDOM * took
            self._due[service] = time.monotonic() + pause
        return texts

    def _forget(self, service: str) -> None:
        self.dirty.add(service)
        self._written.pop(service, None)
        for place in [place for place in self._lengths if place[0] == service]:
            del self._lengths[place]

    def _changes(self, service: str) -> Iterator[str]:
        written = self._written.setdefault(service, {})
        present: set[tuple[str, str]] = set()
        if service == "cloudwatch":
            for key, points in list(self._module(service)._metrics._data.items()):
                yield from self.grown(service, "metrics", key_text(key), (), points)
        for store, key, value in self._entries(service):
            place = (store, key)
            present.add(place)
            yield from self._grown(service, store, key, value)
            if (service, store) in LISTS:
                written[place] = _Mark(0)
                continue
            rest = _without_parts(service, store, value)
            mark = self._mark(service, store, rest)
            if not mark.same(written.get(place)):
                written[place] = mark
                yield f"{dumps('e', service, store, key)[:-1]},{self._text(rest)}]"
        for store, key in [place for place in written if place not in present]:
            del written[store, key]
            self._lengths.pop((service, store, key), None)
            yield dumps("x", service, store, key)

    def _mark(self, service: str, store: str, value: Any) -> _Mark:
        if (service, store) == (STACKS, "stacks") and not value.get("StackStatus", "").endswith("_IN_PROGRESS"):
            light = {name: one for name, one in value.items() if name not in HEAVY}
            return _Mark(self._number(service, light), tuple(value.get(name) for name in HEAVY))
        return _Mark(self._number(service, value))

    def _number(self, service: str, value: Any) -> int:
        if service not in WITH_CODE:
            with contextlib.suppress(ValueError):
                return hash(marshal.dumps(value, MARSHAL_VERSION))
        return hash(self._text(value))

    def _entries(self, service: str) -> Iterator[tuple[str, str, Any]]:
        for store, held in self._state(service).items():
            if (service, store) in SKIPPED:
                continue
            if hasattr(held, "_data"):
                for key, value in list(held._data.items()):
                    yield store, key_text(key), value
            else:
                yield store, "", held

    def _state(self, service: str) -> Raw:
        module = self._module(service)
        if service == "lambda":
            stores = ("functions", "layers", "esms", "function_urls", "kinesis_positions", "dynamodb_stream_positions")
            return {store: getattr(module, f"_{store}") for store in stores}
        if service not in PLAIN:
            return module.get_state() or {}
        if hasattr(module, "copy"):
            module.copy = self._copies
        self._copies.looking.on = True
        try:
            return module.get_state()
        finally:
            self._copies.looking.on = False

    def _module(self, service: str) -> Any:
        module = sys.modules.get(f"ministack.services.{self._states[service]}")
        return module if hasattr(module, "get_state") else None

    def _grown(self, service: str, store: str, key: str, value: Any) -> Iterator[str]:
        part = GROWING.get((service, store))
        if (service, store) in LISTS:
            yield from self.grown(service, store, key, (), value)
        elif part == "Events":
            yield from self.grown(service, store, key, ("Events",), value.get("Events", []))
        elif part == "streams":
            for name, stream in list(value.get("streams", {}).items()):
                yield from self.grown(service, store, key, ("streams", name, "events"), stream["events"])
                fields = {field: one for field, one in stream.items() if field != "events"}
                place = (service, "stream", key, name)
                if self._lengths.get(place) != (hash(self._text(fields)), 0):
                    self._lengths[place] = (hash(self._text(fields)), 0)
                    yield dumps("m", service, store, key, ["streams", name], fields)

    def grown(self, service: str, store: str, key: str, path: tuple[str, ...], values: list[Any]) -> Iterator[str]:
        """What is new of a list that grows; the whole list where it was replaced or cut."""
        place = (service, store, key, *path)
        count = len(values)
        # The emulator makes a new list of metrics to drop old ones, whether there are any or not.
        same = id(values[0]) if service == "cloudwatch" and values else id(values)
        identity, length = self._lengths.get(place, (same, 0))
        if identity != same or count < length:
            length = 0
        elif count == length:
            return
        self._lengths[place] = (same, count)
        yield f"{dumps('n', service, store, key, path, length)[:-1]},{self._text(values[length:count])}]"


def _without_parts(service: str, store: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    entry = cast(Raw, value)
    unkept = set[str]()
    if MAIN.get(service) == store:
        unkept.update(UNKEPT[service])
    part = GROWING.get((service, store))
    if part:
        unkept.update((part, "EventCount"))
    rest = {name: one for name, one in entry.items() if name not in unkept} if unkept else entry
    if service == "sqs" and "attributes" in rest:
        named = rest["attributes"].items()
        rest["attributes"] = {name: one for name, one in named if not name.startswith("ApproximateNumber")}
    return rest
