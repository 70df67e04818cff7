"""Reads JSONPath in the dialect of AWS, which is Jayway's JsonPath.

https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html names the library,
https://github.com/json-path/JsonPath describes it: a path with `..`, a filter, a wildcard, a slice or several names or
indexes is *indefinite* and gives a list, which may be empty; any other path gives one value or fails.
"""

from functools import lru_cache

from interlock.asl.filters import parse_filter
from interlock.asl.path_parts import Call, Descent, Indexes, Names, Part, Path, Slice, Where, Wildcard
from interlock.asl.path_text import PathSyntaxError, Reader

FUNCTIONS = frozenset({"length", "min", "max", "avg", "sum", "stddev", "keys"})


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Read a path that begins with `$`, `$$` or `$variable`.

    Raises:
        PathSyntaxError: it is not a path; the message says where and why.
    """
    reader = Reader(text)
    root = _root(reader)
    parts: list[Part] = []
    while not reader.at_end:
        parts.append(_part(reader, parts))
    if parts and isinstance(parts[-1], Descent):
        raise PathSyntaxError(text, reader.position, "a name, an index or a filter must follow `..`")
    return Path(text, root, tuple(parts))


def _root(reader: Reader) -> str:
    if not reader.take("$"):
        raise PathSyntaxError(reader.text, 0, "a path begins with `$`")
    if reader.take("$"):
        return "$$"
    return reader.identifier() or "$"


def _part(reader: Reader, before: list[Part]) -> Part:
    if before and isinstance(before[-1], Call):
        raise PathSyntaxError(reader.text, reader.position, "nothing can follow a function")
    if before and isinstance(before[-1], Descent):
        return _bracket(reader) if reader.peek() == "[" else _name(reader)
    if reader.take(".."):
        return Descent()
    if reader.take("."):
        return _bracket(reader) if reader.peek() == "[" else _name(reader)
    if reader.peek() == "[":
        return _bracket(reader)
    raise PathSyntaxError(reader.text, reader.position, "`.` or `[` must stand here")


def _name(reader: Reader) -> Part:
    if reader.take("*"):
        return Wildcard()
    name = reader.bare_name()
    if reader.take("("):
        reader.expect(")")
        if name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise PathSyntaxError(reader.text, reader.position, f"`{name}()` is not a function; there are: {known}")
        return Call(name)
    return Names((name,))


def _bracket(reader: Reader) -> Part:
    reader.expect("[")
    reader.skip_spaces()
    part: Part
    if reader.take("*"):
        part = Wildcard()
    elif reader.take("?"):
        part = Where(parse_filter(reader, parse_path))
    elif reader.peek() in ("'", '"'):
        part = Names(tuple(reader.separated(reader.quoted)))
    else:
        part = _numbers(reader)
    reader.skip_spaces()
    reader.expect("]")
    return part


def _numbers(reader: Reader) -> Part:
    first = reader.integer()
    reader.skip_spaces()
    if reader.take(":"):
        reader.skip_spaces()
        return Slice(first, reader.integer())
    if first is None:
        raise PathSyntaxError(reader.text, reader.position, "an index, a quoted name, `*` or a filter must stand here")
    indexes = [first]
    while reader.take(","):
        reader.skip_spaces()
        following = reader.integer()
        if following is None:
            raise PathSyntaxError(reader.text, reader.position, "an index must follow the comma")
        indexes.append(following)
        reader.skip_spaces()
    return Indexes(tuple(indexes))
