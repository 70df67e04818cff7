"""Where two recorded values differ, as lines of an explanation: types, then values, without what is secret."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from interlock.contract.core.base import Json
from interlock.contract.explain import Difference
from interlock.contract.sensitive import PLACEHOLDER, Redactor, pointed, secret_name
from interlock.debugger.paths import MISSING, Part, children, look_up, shape, type_of, write_path

MAX_CHANGES = 2_000
"""Values of one body that are compared one by one; the rest is not listed."""
SHORT = 120
ABSENT = "(absent)"
_HIDE = Redactor()
_VARIES = re.compile(
    r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d|^[0-9a-f]{8}-[0-9a-f]{4}-|^[0-9A-HJKMNP-TV-Z]{26}$|^[0-9a-f]{32,}$", re.I
)
"""Times and ids, which differ in each run: they are listed behind the others."""


def shown(value: Json, limit: int = SHORT) -> str:
    """A value on one line, without what is named or shaped like a secret, shortened."""
    hidden = _HIDE.data(value, by_name=True)
    text = hidden if isinstance(hidden, str) else json.dumps(hidden, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def of_values(
    what: str,
    now: Json,
    good: Json,
    read: Iterable[tuple[Part, ...]] = (),
    pointers: Sequence[str] = (),
) -> Iterator[Difference]:
    """Paths whose types differ, then values that differ: what the failing line read first, times and ids last."""
    of_shape = list(_of_shape(what, now, good))
    yield from of_shape
    above = [row.where for row in of_shape]
    lines = set(read)

    def rank(row: tuple[tuple[Part, ...], Json, Json]) -> tuple[bool, bool]:
        path, one, other = row
        return path not in lines, any(isinstance(value, str) and bool(_VARIES.match(value)) for value in (one, other))

    for path, one, other in sorted(_changes((), good, now), key=rank):
        general = write_path(tuple("*" if isinstance(part, int) else part for part in path)).replace('["*"]', "[*]")
        if any(general == name or general.startswith((f"{name}.", f"{name}[")) for name in above):
            continue
        texts = (_shown_at(path, value, pointers) for value in (one, other))
        yield Difference(what=what, where=write_path(path), good=next(texts), now=next(texts))


def _of_shape(what: str, now: Json, good: Json) -> Iterator[Difference]:
    """Paths whose types differ; below a path that is missing on one side nothing more is said."""
    ours, theirs = shape(now), shape(good)
    names: list[str] = []
    for path in sorted({*ours, *theirs}, key=lambda path: (path.count(".") + path.count("["), path)):
        one, other = theirs.get(path, frozenset()), ours.get(path, frozenset())
        if one != other and not any(path.startswith(f"{above}.") or path.startswith(f"{above}[") for above in names):
            names += [path] if not one or not other or one.isdisjoint(other) else []
            yield Difference(what=what, where=path, good=_types(one), now=_types(other))


def _types(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or ABSENT


def _changes(path: tuple[Part, ...], good: Json, now: Json) -> Iterator[tuple[tuple[Part, ...], Json, Json]]:
    """Where two values of the same shape differ: path, the good value, the present one; lists by their lengths too."""
    todo: list[tuple[tuple[Part, ...], Json, Json]] = [(path, good, now)]
    for number, (place, one, other) in enumerate(todo):
        if number > MAX_CHANGES:
            return
        if type_of(one) != type_of(other) or type_of(one) not in ("list", "object"):
            if type_of(one) != type_of(other) or one != other:
                yield place, one, other
            continue
        if isinstance(one, list) and len(cast(list[Json], one)) != len(cast(list[Json], other)):
            yield place, f"{len(cast(list[Json], one))} items", f"{len(cast(list[Json], other))} items"
        for part, inner in children(one):
            theirs = look_up(other, (part,))
            if theirs is not MISSING:
                todo.append(((*place, part), inner, theirs))


def _shown_at(path: tuple[Part, ...], value: Json, pointers: Sequence[str]) -> str:
    hidden = any(isinstance(part, str) and secret_name(part) for part in path)
    hidden = hidden or any(
        pointed(pointer, ("input", *path[:depth])) for pointer in pointers for depth in range(len(path) + 1)
    )
    return PLACEHOLDER if hidden else shown(value)
