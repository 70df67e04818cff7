"""Where a value of a step's input came from: the earliest recorded output, or the run's input, that has it already."""

from collections.abc import Sequence

from interlock.contract.core.base import Json
from interlock.contract.run import StepRecord
from interlock.debugger.paths import MISSING, Part, children, look_up, type_of, walk, write_path

RUN = "run"
MIN_TELLING_CHARS = 6
"""A shorter text, a small number or a flag may stand in many places by chance: its name must match too."""


def origin_of(path: tuple[Part, ...], value: Json, run_input: Json, earlier: Sequence[StepRecord]) -> str:
    """`STATE: path in its output`, or `run: path in the run's input`; empty where nothing matches.

    Args:
        path: where the value is, in the step's input.
        value: the step's input.
        run_input: the run's input.
        earlier: records that succeeded before the step began, in their order, with bodies in place.
    """
    parts = _in(path, value, run_input)
    if parts is not None:
        return f"{RUN}: {write_path(parts)}"
    for record in earlier:
        parts = _in(path, value, record.output.value) if record.output is not None else None
        if parts is not None:
            index = f"[{record.index}]" if record.index is not None else ""
            return f"{record.state}{index}: {write_path(parts)}"
    return ""


def _in(path: tuple[Part, ...], value: Json, source: Json) -> tuple[Part, ...] | None:
    """Where in `source` the value at `path` lies: in the same container, by name and value, or by a telling value."""
    for depth in range(len(path), -1, -1):
        container = look_up(value, path[:depth])
        if not any(True for _ in children(container)):
            continue
        for place, part in walk(source):
            if type_of(part) == type_of(container) and part == container:
                return (*place, *path[depth:])
    wanted = look_up(value, path)
    if wanted is MISSING or not path:
        return None
    for place, part in walk(source):
        if place and type_of(part) == type_of(wanted) and part == wanted and (place[-1] == path[-1] or _tells(part)):
            return place
    return None


def _tells(value: Json) -> bool:
    return isinstance(value, str) and len(value) >= MIN_TELLING_CHARS
