"""Filters of a path, `[?(@.price < 10 && @.tag in ['a', 'b'])]`, as Jayway's JsonPath has them.

https://github.com/json-path/JsonPath#filter-operators
"""

import re
from collections.abc import Callable

from interlock.asl import errors
from interlock.asl.path_parts import Compare, Filter, Join, Literal, Operand, Path, Pattern, Side
from interlock.asl.path_text import PathSyntaxError, Reader
from interlock.asl.regular import TIMEOUT_SECONDS, Regular, WrongPattern
from interlock.asl.values import Json, equal, is_number

_OPERATORS = ("==", "!=", "<=", ">=", "=~", "<", ">", "in", "nin", "size", "empty", "contains", "subsetof")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_REGEX_FLAGS = frozenset("ims")


ParsePath = Callable[[str], Path]


def parse_filter(reader: Reader, parse_path: ParsePath) -> Filter:
    """Read `(…)` after `?`; `parse_path` reads the paths in it."""
    reader.skip_spaces()
    reader.expect("(")
    test = _any_of(reader, parse_path)
    reader.skip_spaces()
    reader.expect(")")
    return test


def _any_of(reader: Reader, parse_path: ParsePath) -> Filter:
    tests = [_all_of(reader, parse_path)]
    while _next_is(reader, "||"):
        tests.append(_all_of(reader, parse_path))
    return tests[0] if len(tests) == 1 else Join("||", tuple(tests))


def _all_of(reader: Reader, parse_path: ParsePath) -> Filter:
    tests = [_one(reader, parse_path)]
    while _next_is(reader, "&&"):
        tests.append(_one(reader, parse_path))
    return tests[0] if len(tests) == 1 else Join("&&", tuple(tests))


def _next_is(reader: Reader, token: str) -> bool:
    reader.skip_spaces()
    return reader.take(token)


def _one(reader: Reader, parse_path: ParsePath) -> Filter:
    reader.skip_spaces()
    if reader.take("!"):
        return Join("!", (_one(reader, parse_path),))
    if reader.peek() == "(":
        return parse_filter(reader, parse_path)
    left = _side(reader, parse_path)
    reader.skip_spaces()
    operator = next((token for token in _OPERATORS if reader.take(token)), "")
    if not operator:
        if not isinstance(left, Operand):
            raise PathSyntaxError(reader.text, reader.position, "a filter compares with `@`, such as `@.price < 10`")
        return Compare(left)
    reader.skip_spaces()
    return Compare(left, operator, _side(reader, parse_path))


def _side(reader: Reader, parse_path: ParsePath) -> Side:
    mark = reader.peek()
    if mark and mark in "@$":
        return _operand(reader, parse_path)
    if mark == "/":
        return Pattern(_regex(reader))
    return Literal(_literal(reader))


def _operand(reader: Reader, parse_path: ParsePath) -> Operand:
    of_item = reader.peek() == "@"
    begin = reader.position + 1
    end = begin
    depth = 0
    while end < len(reader.text):
        character = reader.text[end]
        if depth == 0 and (character in " )<>=!&|,]"):
            break
        depth += (character in "([") - (character in ")]")
        end += 1
    reader.position = end
    return Operand(of_item, parse_path("$" + reader.text[begin:end]))


def _regex(reader: Reader) -> Regular:
    begin = reader.position
    reader.expect("/")
    body: list[str] = []
    while not reader.at_end and reader.peek() != "/":
        if reader.peek() == "\\":
            body.append(reader.text[reader.position : reader.position + 2])
            reader.position += 2
            continue
        body.append(reader.peek())
        reader.position += 1
    reader.expect("/")
    flags = ""
    while reader.peek() in _REGEX_FLAGS:
        flags += reader.peek()
        reader.position += 1
    try:
        return Regular("".join(body), flags)
    except WrongPattern as error:
        raise PathSyntaxError(reader.text, begin, f"the regular expression is wrong: {error}") from error


def _literal(reader: Reader) -> Json:
    if reader.peek() in ("'", '"') and not reader.at_end:
        return reader.quoted()
    if reader.take("["):
        reader.skip_spaces()
        items = [] if reader.peek() == "]" else list(reader.separated(lambda: _literal(reader)))
        reader.skip_spaces()
        reader.expect("]")
        return items
    word = next((word for word in _WORDS if reader.take(word)), None)
    if word is not None:
        return _WORDS[word]
    number = reader.match(_NUMBER)
    if not number:
        raise PathSyntaxError(reader.text, reader.position, "a value or `@` must stand here")
    return float(number) if any(sign in number for sign in ".eE") else int(number)


Resolve = Callable[[Path, Json], tuple[Json, ...]]
"""The value of a path in some data as a tuple of one; empty where it is absent."""


def holds(test: Filter, item: Json, root: Json, resolve: Resolve) -> bool:
    """Whether an item passes.

    Args:
        test: the filter.
        item: what `@` is.
        root: what `$` is.
        resolve: reads a path.
    """
    if isinstance(test, Join):
        results = (holds(inner, item, root, resolve) for inner in test.tests)
        if test.operator == "!":
            return not next(results)
        return all(results) if test.operator == "&&" else any(results)
    if not test.operator:
        return bool(_values(test.left, item, root, resolve))
    right = test.right
    left = _values(test.left, item, root, resolve)
    if isinstance(right, Pattern):
        text = left[0] if left else None
        return test.operator == "=~" and isinstance(text, str) and _fits(right.regex, text)
    other = _values(right, item, root, resolve) if right is not None else ()
    return _compare(test.operator, left, other)


def _fits(expression: Regular, text: str) -> bool:
    try:
        return expression.fullmatch(text) is not None
    except TimeoutError as error:
        cause = f"The regular expression of a filter took more than {TIMEOUT_SECONDS:g} second"
        raise errors.StatesError(errors.RUNTIME, cause) from error


def _values(side: Side, item: Json, root: Json, resolve: Resolve) -> tuple[Json, ...]:
    match side:
        case Literal(value):
            return (value,)
        case Pattern():
            return ()
        case Operand(of_item, path):
            return resolve(path, item if of_item else root)


def _compare(operator: str, left: tuple[Json, ...], right: tuple[Json, ...]) -> bool:
    if operator == "!=":
        return not _compare("==", left, right)
    if not left or not right:
        return operator == "==" and left == right
    one, other = left[0], right[0]
    if operator in ("==", "in", "nin", "contains", "subsetof"):
        return _member(operator, one, other)
    if operator in ("size", "empty"):
        length = len(one) if isinstance(one, str | list) else None
        return length is not None and (length == other if operator == "size" else (length == 0) == other)
    return _ordered(operator, one, other)


def _member(operator: str, one: Json, other: Json) -> bool:
    match operator:
        case "==":
            return equal(one, other)
        case "in":
            return isinstance(other, list) and any(equal(one, item) for item in other)
        case "nin":
            return isinstance(other, list) and not any(equal(one, item) for item in other)
        case "contains":
            if isinstance(one, str):
                return isinstance(other, str) and other in one
            return isinstance(one, list) and any(equal(item, other) for item in one)
        case _:
            if not isinstance(one, list) or not isinstance(other, list):
                return False
            return all(any(equal(item, allowed) for allowed in other) for item in one)


def _ordered(operator: str, one: Json, other: Json) -> bool:
    if is_number(one) and is_number(other):
        order = _order(float(str(one)), float(str(other)))
    elif isinstance(one, str) and isinstance(other, str):
        order = (one > other) - (one < other)
    else:
        return False
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}.get(operator, False)


def _order(one: float, other: float) -> int:
    return (one > other) - (one < other)
