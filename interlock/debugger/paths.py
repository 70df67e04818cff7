"""Paths into JSON values as people read them, `orders[2].lines[0].price`, and the shape of a value by path."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from interlock.contract.core.base import Json

Part = str | int
ROOT = "$"
MISSING = object()
MAX_NODES = 5_000
_PART = re.compile(r"\[(-?\d+)\]|\[\"((?:[^\"])*)\"\]|([^.\[\]]+)")


def parse_path(path: str) -> tuple[Part, ...]:
    """Its parts: names and indexes; `$` and the empty path have none."""
    text = path.removeprefix(ROOT)
    return tuple(
        int(match[1]) if match[1] is not None else match[2] if match[2] is not None else match[3]
        for match in _PART.finditer(text)
    )


def write_path(parts: tuple[Part, ...]) -> str:
    """The path of some parts; `$` for none."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier():
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text or ROOT


def look_up(value: Json, parts: tuple[Part, ...]) -> Any:
    """What is at a path; MISSING where there is nothing."""
    for part in parts:
        if isinstance(value, Mapping) and str(part) in value:
            value = cast(Mapping[str, Any], value)[str(part)]
            continue
        rows = cast(list[Json], value) if isinstance(value, list) else []
        if not isinstance(part, int) or not -len(rows) <= part < len(rows):
            return MISSING
        value = rows[part]
    return value


def walk(value: Json) -> Iterator[tuple[tuple[Part, ...], Json]]:
    """Every part of a value with its path, nearest first, at most MAX_NODES of them."""
    todo: list[tuple[tuple[Part, ...], Json]] = [((), value)]
    for path, part in todo:
        yield path, part
        if len(todo) < MAX_NODES:
            todo.extend(((*path, key), row) for key, row in children(part))


def children(value: Json) -> Iterator[tuple[Part, Json]]:
    """The parts right below a value."""
    if isinstance(value, Mapping):
        yield from cast(Mapping[str, Json], value).items()
    elif isinstance(value, list):
        yield from enumerate(cast(list[Json], value))


def type_of(value: Any) -> str:
    """The JSON type: null, boolean, number, text, list, object; `missing` for MISSING."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "missing" if value is MISSING else "object"


def shape(value: Json) -> dict[str, frozenset[str]]:
    """The JSON types at each path, items of a list taken together as `[*]`."""
    values: dict[str, set[str]] = {}
    for path, part in walk(value):
        word = write_path(tuple("*" if isinstance(step, int) else step for step in path)).replace('["*"]', "[*]")
        values.setdefault(word, set()).add(type_of(part))
    return {word: frozenset(types) for word, types in values.items()}
