"""Which part of a step's result can't be its output, and its type. Imported only for a result that was refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from interlock.contract.core.validation import describe

MAX_DEPTH = 50
MAX_SHOWN = 10


def misfit(adapter: TypeAdapter[Any], value: Any) -> str:
    """Each field that does not fit, by path and type, without its value.

    Args:
        adapter: the type that the step declares for its result.
        value: the result.
    """
    rows = [f"{path} is {kind}, which JSON can't hold" for path, kind in _unknown(value, "$", 0)]
    if not rows:
        declared = repr(adapter).removeprefix("TypeAdapter(").removesuffix(")")
        rows = list(_of_type(adapter, value)) or [f"$ must be {declared} (it is {type(value).__qualname__})"]
    more = f"; and {len(rows) - MAX_SHOWN} more" if len(rows) > MAX_SHOWN else ""
    return "; ".join(rows[:MAX_SHOWN]) + more


def _unknown(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Parts of a type that JSON does not have."""
    parts = list(_parts(value, path)) if depth < MAX_DEPTH else []
    for inner, part in parts:
        yield from _unknown(part, inner, depth + 1)
    if not parts:
        try:
            to_jsonable_python(value)
        except (PydanticSerializationError, ValueError, RecursionError):
            yield path, type(value).__qualname__


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f"{path}.{key}", part) for key, part in cast(Mapping[Any, Any], value).items())
    elif isinstance(value, list | tuple):
        yield from ((f"{path}[{at}]", part) for at, part in enumerate(cast(list[Any], value)))
    elif isinstance(value, BaseModel) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
        yield from ((f"{path}.{name}", part) for name, part in vars(value).items())


def _of_type(adapter: TypeAdapter[Any], value: Any) -> Iterator[str]:
    """Parts of another type than the step declares."""
    try:
        adapter.validate_json(adapter.dump_json(value, warnings=False), strict=True)
    except ValidationError as error:
        for row in error.errors(include_url=False):
            path = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in row["loc"])
            reason = describe(row, path)
            kind = "" if row["type"] == "missing" else f" (it is {type(row['input']).__qualname__})"
            yield reason + kind
    except (PydanticSerializationError, ValueError, TypeError, RecursionError):
        return
