"""Intrinsic functions, `States.Format('{}', $.name)`: how one is read, checked and evaluated.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from interlock.asl import errors
from interlock.asl.functions import FUNCTIONS, unescape
from interlock.asl.path_text import PathSyntaxError, Reader
from interlock.asl.paths import parse_path
from interlock.asl.scope import Scope
from interlock.asl.select import Absent, read
from interlock.asl.values import Json, kind_of, text_of

MAX_DEPTH = 10
"""How deep calls may be nested, as AWS allows."""
_ESCAPES = "'{}\\"
_ENDS = " \t\n\r,)"
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Text:
    """A text in single quotes, with its escapes."""

    raw: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, true, false or null."""

    value: Json


@dataclass(frozen=True, slots=True)
class PathArgument:
    """A path."""

    text: str


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A call.

    Attributes:
        name: with `States.` before.
        arguments: in order.
        text: the call as it was written.
    """

    name: str
    arguments: tuple["Argument", ...]
    text: str


Argument = Text | Constant | PathArgument | Intrinsic


@lru_cache(maxsize=4096)
def parse_intrinsic(text: str) -> Intrinsic:
    """Read a call of an intrinsic function.

    Raises:
        PathSyntaxError: it is not one; the message says where and why.
    """
    reader = Reader(text)
    call = _call(reader, 1)
    reader.skip_spaces()
    if not reader.at_end:
        raise PathSyntaxError(text, reader.position, "the text must end after the function's `)`")
    return call


def problems(text: str) -> Iterator[str]:
    """What AWS refuses in a call: its syntax, its names, and the number and kinds of the arguments that are written."""
    try:
        call = parse_intrinsic(text)
    except PathSyntaxError as error:
        yield str(error)
        return
    yield from _call_problems(call)


def paths_of(call: Intrinsic) -> Iterator[str]:
    """Every path among a call's arguments."""
    for argument in call.arguments:
        if isinstance(argument, PathArgument):
            yield argument.text
        elif isinstance(argument, Intrinsic):
            yield from paths_of(argument)


def evaluate(text: str, data: Json, scope: Scope) -> Json:
    """The value of a call.

    Raises:
        StatesError: States.Runtime for an argument that is absent or of a wrong kind; States.IntrinsicFailure where the
            function itself fails.
    """
    try:
        call = parse_intrinsic(text)
    except PathSyntaxError as error:
        raise errors.runtime(f"The function '{text}' had the following error: {error}") from error
    return _evaluate(call, data, scope)


def _evaluate(call: Intrinsic, data: Json, scope: Scope) -> Json:
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise errors.runtime(f"The function '{call.text}' had the following error: {call.name} does not exist")
    values = [_value(argument, call, data, scope) for argument in call.arguments]
    wrong = function.count_problem(len(values)) or function.kind_problem([kind_of(value) for value in values])
    if wrong:
        raise errors.runtime(f"The function '{call.text}' had the following error: {wrong}")
    try:
        return function.evaluate(values)
    except ValueError as error:
        raise errors.StatesError(
            errors.INTRINSIC, f"The function '{call.text}' had the following error: {error}"
        ) from error
    except TypeError as error:
        raise errors.runtime(f"The function '{call.text}' had the following error: {error}") from error


def _value(argument: Argument, call: Intrinsic, data: Json, scope: Scope) -> Json:
    match argument:
        case Text(raw):
            return raw if call.name == "States.Format" and argument is call.arguments[0] else unescape(raw)
        case Constant(value):
            return value
        case PathArgument(text):
            try:
                return read(text, data, scope)
            except Absent as absent:
                raise errors.runtime(
                    f"The function '{call.text}' had the following error: The JsonPath argument for the field '{text}' "
                    f"could not be found in the input '{text_of(data)}'"
                ) from absent
        case Intrinsic():
            return _evaluate(argument, data, scope)


def _call_problems(call: Intrinsic) -> Iterator[str]:
    function = FUNCTIONS.get(call.name)
    if function is None:
        yield f"{call.name} is not an intrinsic function"
        return
    wrong = function.count_problem(len(call.arguments)) or function.kind_problem(
        [_written_kind(argument) for argument in call.arguments]
    )
    if wrong:
        yield f"{call.name}: {wrong}"
    elif call.name == "States.Format" and isinstance(call.arguments[0], Text):
        holes = _holes(call.arguments[0].raw)
        if holes != len(call.arguments) - 1:
            yield f"States.Format: the text has {holes} times {{}}, and {len(call.arguments) - 1} values follow"
    for argument in call.arguments:
        if isinstance(argument, Intrinsic):
            yield from _call_problems(argument)


def _written_kind(argument: Argument) -> str:
    """The kind of an argument that is written; empty where only a run can tell."""
    match argument:
        case Text():
            return "string"
        case Constant(value):
            return kind_of(value)
        case _:
            return ""


def _holes(template: str) -> int:
    return template.replace("\\\\", "").replace("\\{", "").replace("\\}", "").count("{}")


def _call(reader: Reader, depth: int) -> Intrinsic:
    begin = reader.position
    if depth > MAX_DEPTH:
        raise PathSyntaxError(reader.text, begin, f"at most {MAX_DEPTH} functions may be nested")
    name: list[str] = []
    while reader.peek() and (reader.peek().isalnum() or reader.peek() in "._"):
        name.append(reader.peek())
        reader.position += 1
    if not "".join(name).startswith("States."):
        raise PathSyntaxError(reader.text, begin, "a function begins with `States.`")
    reader.skip_spaces()
    reader.expect("(")
    reader.skip_spaces()
    arguments = () if reader.peek() == ")" else tuple(reader.separated(lambda: _argument(reader, depth)))
    reader.skip_spaces()
    reader.expect(")")
    return Intrinsic("".join(name), arguments, reader.text[begin : reader.position])


def _argument(reader: Reader, depth: int) -> Argument:
    mark = reader.peek()
    if mark == "'":
        return Text(_quoted(reader))
    if mark == "$":
        return _path(reader)
    if reader.text.startswith("States.", reader.position):
        return _call(reader, depth + 1)
    return _constant(reader)


def _quoted(reader: Reader) -> str:
    begin = reader.position
    reader.expect("'")
    start = reader.position
    while not reader.at_end:
        character = reader.peek()
        if character == "'":
            reader.position += 1
            return reader.text[start : reader.position - 1]
        reader.position += 1
        if character == "\\":
            if reader.at_end or reader.peek() not in _ESCAPES:
                raise PathSyntaxError(reader.text, reader.position - 1, "after `\\` only ' { } \\ may stand")
            reader.position += 1
    raise PathSyntaxError(reader.text, begin, "the quote is not closed")


def _path(reader: Reader) -> PathArgument:
    begin = reader.position
    depth = 0
    while not reader.at_end:
        character = reader.peek()
        if depth and character in "'\"":
            reader.quoted()
            continue
        if depth == 0 and character in _ENDS and not reader.text.startswith("()", reader.position - 1):
            break
        depth += (character in "([") - (character in ")]")
        reader.position += 1
    text = reader.text[begin : reader.position]
    try:
        parse_path(text)
    except PathSyntaxError as error:
        raise PathSyntaxError(reader.text, begin + error.position, f"'{text}' is not a path") from error
    return PathArgument(text)


def _constant(reader: Reader) -> Constant:
    begin = reader.position
    while not reader.at_end and reader.peek() not in _ENDS:
        reader.position += 1
    word = reader.text[begin : reader.position]
    if word in _WORDS:
        return Constant(_WORDS[word])
    try:
        return Constant(float(word) if any(sign in word for sign in ".eE") else int(word))
    except ValueError as error:
        what = "an argument is a text in single quotes, a number, true, false, null, a path or a function"
        raise PathSyntaxError(reader.text, begin, what) from error
