"""Where a manifest's keys are in its text, and which keys it may have, for findings about it."""

import re
from collections.abc import Mapping
from itertools import islice

from interlock.contract.core.base import Model
from interlock.contract.core.suggest import closest

Place = tuple[int | str, ...]
SHOWN_CHARS = 80
MOST_PARTS = 12
"""A manifest's deepest key has fewer parts; longer ones are cut, so that hostile keys cost little."""
_PART = r"(?:[\w-]+|\"[^\"]*\"|'[^']*')"
_PARTS = re.compile(_PART)
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")


def key_lines(text: str) -> Mapping[Place, int]:
    """The line, from 1, of each table and key that begins a line of a TOML text; an array's tables by their index."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, row in enumerate(text.split("\n"), 1):
        header = _HEADER.match(row)
        if header:
            table = _indexed(_parts(header[2]), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            lines.setdefault(table, number)
        elif key := _KEY.match(row):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of a key, or of the innermost table around it that has one; 0 where none has."""
    return next((lines[place[:size]] for size in range(len(place), 0, -1) if place[:size] in lines), 0)


def close_field(key: str, model: type[Model]) -> str:
    """The field of a model that a key is most like; empty where none is close."""
    names = [field.alias or name for name, field in model.model_fields.items()]
    return closest(key, names)


def _parts(text: str) -> Place:
    return tuple(part.group().strip("\"'") for part in islice(_PARTS.finditer(text), MOST_PARTS))


def _indexed(parts: Place, counts: Mapping[Place, int]) -> Place:
    """A table below an array of tables belongs to the array's last one."""
    place: Place = ()
    for number, part in enumerate(parts):
        place = (*place, part)
        if place in counts and number < len(parts) - 1:
            place = (*place, counts[place])
    return place
