"""What a path selects, and where a ResultPath puts a result."""

import math
from collections.abc import Iterator
from copy import copy

from interlock.asl import errors
from interlock.asl.filters import holds
from interlock.asl.path_parts import Call, Descent, Indexes, Names, Part, Path, Slice, Where, Wildcard
from interlock.asl.path_text import PathSyntaxError
from interlock.asl.paths import parse_path
from interlock.asl.scope import Scope
from interlock.asl.values import Json, Object, is_number, text_of


class Absent(Exception):
    """A definite path leads to nothing."""


def read(text: str, data: Json, scope: Scope) -> Json:
    """The value of a path in a state's data, in the context object or in a variable.

    Raises:
        Absent: a definite path leads to nothing.
        StatesError: States.Runtime; the text is not a path, or the variable is not set.
    """
    try:
        path = parse_path(text)
    except PathSyntaxError as error:
        raise errors.runtime(f"Invalid path '{text}': {error}") from error
    if path.root == "$":
        return select(path, data)
    if path.root == "$$":
        return select(path, scope.context)
    if path.root not in scope.variables:
        raise errors.runtime(f"The variable '${path.root}' referenced in '{text}' is not set in this scope.")
    return select(path, scope.variables[path.root])


def read_field(text: str, data: Json, scope: Scope, field: str) -> Json:
    """The value of a path that stands in a field of a state.

    Raises:
        StatesError: States.Runtime, also where the path leads to nothing (the JSONPath ... could not be found).
    """
    try:
        return read(text, data, scope)
    except Absent as absent:
        raise errors.runtime(
            f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input '{text_of(data)}'"
        ) from absent


def select(path: Path, data: Json) -> Json:
    """The value of a path: one value where it is definite, a list where it is not.

    Raises:
        Absent: the path is definite and leads to nothing.
    """
    last = path.parts[-1] if path.parts else None
    name = last.name if isinstance(last, Call) else ""
    values = list(_walk(path.parts[:-1] if name else path.parts, data, data, True))
    if not path.definite:
        return _call(name, values) if name else values
    for value in values:
        return _call(name, value) if name else value
    raise Absent(path.text)


def resolve(path: Path, data: Json) -> tuple[Json, ...]:
    """The value of a path as a tuple of one; empty where it leads to nothing."""
    try:
        return (select(path, data),)
    except Absent:
        return ()


def _walk(parts: tuple[Part, ...], data: Json, root: Json, strict: bool) -> Iterator[Json]:
    """Every value that the rest of a path selects; `strict` while each part before was definite."""
    if not parts:
        yield data
        return
    part, rest = parts[0], parts[1:]
    if isinstance(part, Descent):
        for below in _below(data):
            yield from _each(rest, below, root, False)
        return
    yield from _each(parts, data, root, strict)


def _each(parts: tuple[Part, ...], data: Json, root: Json, strict: bool) -> Iterator[Json]:
    part, rest = parts[0], parts[1:]
    if strict and not _fits(part, data):
        raise Absent
    single = not isinstance(part, Slice | Wildcard | Where) and _count(part) == 1
    for value in _step(part, data, root, merge=not rest):
        yield from _walk(rest, value, root, strict and single)


def _count(part: Part) -> int:
    return len(part.names) if isinstance(part, Names) else len(part.indexes) if isinstance(part, Indexes) else 1


def _fits(part: Part, data: Json) -> bool:
    """Whether a part can be applied to a value; where the path was definite so far, Jayway fails if it cannot."""
    if isinstance(part, Names):
        return isinstance(data, dict) and (len(part.names) > 1 or all(name in data for name in part.names))
    if isinstance(part, Indexes | Slice):
        return isinstance(data, list)
    return isinstance(data, dict | list) or isinstance(part, Wildcard)


def _step(part: Part, data: Json, root: Json, merge: bool) -> Iterator[Json]:
    match part:
        case Names(names) if isinstance(data, dict):
            if len(names) > 1 and merge:
                yield {name: data[name] for name in names if name in data}
            else:
                yield from (data[name] for name in names if name in data)
        case Indexes(indexes) if isinstance(data, list):
            yield from (data[index] for index in indexes if -len(data) <= index < len(data))
        case Slice(start, end) if isinstance(data, list):
            yield from data[start:end]
        case Wildcard():
            yield from _children(data)
        case Where(test):
            items = data if isinstance(data, list) else [data] if isinstance(data, dict) else []
            yield from (item for item in items if holds(test, item, root, resolve))
        case _:
            return


def _children(data: Json) -> Iterator[Json]:
    if isinstance(data, dict):
        yield from data.values()
    elif isinstance(data, list):
        yield from data


def _below(data: Json) -> Iterator[Json]:
    """A value and everything below it, each before what is in it."""
    yield data
    for child in _children(data):
        if isinstance(child, dict | list):
            yield from _below(child)


def _call(name: str, value: Json) -> Json:
    """A function at the end of a path; https://github.com/json-path/JsonPath#functions."""
    if name == "length":
        return len(value) if isinstance(value, str | list | dict) else None
    if name == "keys":
        return list(value) if isinstance(value, dict) else None
    items = value if isinstance(value, list) else []
    numbers = [float(item) for item in items if isinstance(item, int | float) and is_number(item)]
    if not numbers:
        raise errors.runtime(f"Aggregation function {name}() needs a list of numbers")
    match name:
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "avg":
            return sum(numbers) / len(numbers)
        case "stddev":
            mean = sum(numbers) / len(numbers)
            return math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))
        case _:
            return sum(numbers)


def put(text: str | None, raw: Json, result: Json) -> Json:
    """The raw input with a result at a ResultPath; null drops the result, `$` replaces the input.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultpath.html

    Raises:
        StatesError: States.ResultPathMatchFailure where the input has no such place; States.Runtime where the text is
            not a reference path.
    """
    if text is None:
        return raw
    try:
        path = parse_path(text)
    except PathSyntaxError as error:
        raise errors.runtime(f"Invalid path '{text}': {error}") from error
    if path.root != "$" or not path.reference:
        raise errors.runtime(f"The ResultPath '{text}' is not a reference path into the input.")
    return _put(path, path.parts, raw, result)


def _put(path: Path, parts: tuple[Part, ...], data: Json, result: Json) -> Json:
    if not parts:
        return result
    part, rest = parts[0], parts[1:]
    if isinstance(part, Names) and isinstance(data, dict):
        name = part.names[0]
        changed: Object = copy(data)
        changed[name] = _put(path, rest, data.get(name, {}), result)
        return changed
    if isinstance(part, Indexes) and isinstance(data, list) and -len(data) <= part.indexes[0] < len(data):
        items = copy(data)
        items[part.indexes[0]] = _put(path, rest, items[part.indexes[0]], result)
        return items
    cause = f"Unable to apply step '{path.text}' to input '{text_of(data)}'"
    raise errors.StatesError(errors.RESULT_PATH, cause)
