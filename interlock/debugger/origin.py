"""Where a value of a step's input came from: the earliest recorded output, or the run's input, that has it already.

Equal values alone prove nothing: a small number, a flag, an empty or a short text is in many places by chance. So a
value is traced by the container that it is in, by its own path, or by its name where that name is there only once; by
its value alone only where that tells and is there only once.
"""

import re
from collections.abc import Sequence
from typing import cast

from interlock.contract.core.base import Json
from interlock.contract.run import StepRecord
from interlock.debugger.paths import MISSING, Part, children, look_up, type_of, walk, write_path

RUN = "run"
MIN_TELLING_CHARS = 6
MIN_TELLING_NUMBER = 100_000
MIN_FIELDS = 2
"""A container with fewer parts, and no telling value in it, is equal to another one by chance."""
_WORD = re.compile(r"^[A-Za-z_-]*$")
"""Words of a fixed set, such as a status, are in many places."""


def origin_of(
    path: tuple[Part, ...],
    value: Json,
    run_input: Json,
    earlier: Sequence[StepRecord],
    item: int | None = None,
) -> str:
    """`STATE: path in its output`, or `run: path in the run's input`; empty where nothing matches for sure.

    Args:
        path: where the value is, in the step's input.
        value: the step's input.
        run_input: the run's input.
        earlier: records that succeeded before the step began, in their order, with bodies in place.
        item: the index of the step's item in a Map.
    """
    parts = _in(path, value, run_input, item)
    if parts is not None:
        return f"{RUN}: {write_path(parts)}"
    for record in earlier:
        parts = _in(path, value, record.output.value, item) if record.output is not None else None
        if parts is not None:
            index = f"[{record.index}]" if record.index is not None else ""
            return f"{record.state}{index}: {write_path(parts)}"
    return ""


def _in(path: tuple[Part, ...], value: Json, source: Json, item: int | None) -> tuple[Part, ...] | None:
    """Where in `source` the value at `path` is: in the same container, or by itself."""
    for depth in range(len(path), -1, -1):
        container = look_up(value, path[:depth])
        if not any(True for _ in children(container)) or not _tells(container):
            continue
        for place, part in walk(source):
            if type_of(part) == type_of(container) and part == container:
                return (*place, *path[depth:])
    place = _of_map(value, source, item) if item is not None else None
    if place is not None:
        return (*place, *path)
    wanted = look_up(value, path)
    if wanted is MISSING or not path:
        return None
    return _in_a_part(path, value, source) or _alone(path, wanted, source)


def _of_map(value: Json, source: Json, item: int) -> tuple[Part, ...] | None:
    """Where in `source` a Map's item is: in the only list that has it at its index."""
    lists = [(place, cast(list[Json], part)) for place, part in walk(source) if isinstance(part, list)]
    fits = [
        place
        for place, rows in lists
        if item < len(rows) and type_of(rows[item]) == type_of(value) and rows[item] == value
    ]
    return (*fits[0], item) if len(fits) == 1 else None


def _in_a_part(path: tuple[Part, ...], value: Json, source: Json) -> tuple[Part, ...] | None:
    """Where in `source` the value's object was before fields were added to it: the only one with equal fields."""
    name, container = path[-1], look_up(value, path[:-1])
    if not isinstance(container, dict) or not isinstance(name, str):
        return None
    fields = cast(dict[str, Json], container)
    places = [
        place for place, part in walk(source) if isinstance(part, dict) and name in part and _is_part(part, fields)
    ]
    return (*places[0], name) if len(places) == 1 else None


def _is_part(part: Json, fields: dict[str, Json]) -> bool:
    """Whether an object has MIN_FIELDS fields or more, and each of them is in another one too."""
    inner = cast(dict[str, Json], part)
    return len(inner) >= MIN_FIELDS and all(key in fields and fields[key] == row for key, row in inner.items())


def _alone(path: tuple[Part, ...], wanted: Json, source: Json) -> tuple[Part, ...] | None:
    """Where in `source` a value is by its own path, by a name that is there once, or by a value that is there once."""
    rows = [(place, part) for place, part in walk(source) if place]
    equal = [place for place, part in rows if type_of(part) == type_of(wanted) and part == wanted]
    if path in equal:
        return path
    name = path[-1]
    named = [place for place, _ in rows if isinstance(name, str) and place[-1] == name]
    if len(named) == 1 and named[0] in equal:
        return named[0]
    by_name = [place for place in equal if place in named]
    if _tells(wanted):
        for places in (by_name, equal):
            if len(places) == 1:
                return places[0]
    return None


def _tells(value: Json) -> bool:
    """Whether a value is hardly anywhere by chance."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return abs(value) >= MIN_TELLING_NUMBER
    if isinstance(value, str):
        return len(value) >= MIN_TELLING_CHARS and (not _WORD.match(value) or len(value) >= 2 * MIN_TELLING_CHARS)
    inner = [part for _, part in children(value)]
    is_object = isinstance(cast(object, value), dict)
    return (is_object and len(inner) >= MIN_FIELDS) or any(_tells(part) for part in inner)
