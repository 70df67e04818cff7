"""Reads JSONata as AWS accepts it: 2.0.6 of the language without `$eval`, and no field outside `$states` or a variable.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from jsonata import regex_engine
from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

from interlock.asl.regular import Regular, WrongPattern

NEWER = ("??", "?:")
"""Operators of JSONata 2.1; AWS runs 2.0.6, which does not know them."""
ADDED = frozenset({"partition", "range", "hash", "random", "uuid", "parse"})
"""Functions that Step Functions adds to JSONata."""
RESERVED = "states"
_PARSER = threading.local()


class JsonataError(Exception):
    """An expression can't be read or evaluated; the text begins with JSONata's code where there is one."""


@dataclass(frozen=True)
class Names:
    """What an expression names.

    Attributes:
        functions: the functions that it calls and does not define.
        variables: the variables that it reads and does not set, `states` included.
        states: the fields of `$states` that it reads.
        bare: fields that it reads outside `$states` and variables, or `$`.
    """

    functions: frozenset[str]
    variables: frozenset[str]
    states: frozenset[str]
    bare: tuple[str, ...]


def parser() -> Parser:
    """A parser of this thread that does not know the newer operators."""
    if not hasattr(_PARSER, "parser"):
        current = Parser()
        for operator in NEWER:
            current.symbol_table.pop(operator, None)
        _PARSER.parser = current
    return cast(Parser, _PARSER.parser)


def parse(text: str) -> Any:
    """The syntax tree of an expression.

    Raises:
        JsonataError: it is not JSONata as AWS runs it.
    """
    try:
        return parser().parse(text, regex)
    except KeyError as error:
        raise JsonataError(f"S0204: Unknown operator: {error.args[0]!r}") from error
    except JException as error:
        raise JsonataError(describe(error)) from error
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise JsonataError("S0201: Syntax error: the expression can't be read") from error


def regex(pattern: str, flags: regex_engine.RegexFlags) -> Any:
    """Compile a regular expression of an expression."""
    try:
        return Regular(pattern, "i" * flags.case_insensitive + "m" * flags.multiline)
    except WrongPattern as error:
        raise JException("S0302", 0) from error


def describe(error: BaseException) -> str:
    """An error of the library in JSONata's words: its code, then its message; never Python's."""
    if isinstance(error, JException):
        code = str(cast(Any, error).error or "")
        text = str(error)
        known = len(code) == 5 and code[1:].isdigit()
        return f"{code}: {text}" if known else text
    if isinstance(error, ZeroDivisionError | OverflowError):
        return "D1001: Number out of range"
    if isinstance(error, RecursionError):
        return "U1001: Stack overflow error: Check for non-terminating recursive function."
    if isinstance(error, TimeoutError):
        return "U1001: Expression evaluation timeout: Check for infinite loop"
    if isinstance(error, MemoryError):
        return "D2014: The size of the sequence allocated is too large"
    text = str(error)
    if len(text) > 5 and text[0].isupper() and text[1:5].isdigit():
        return text
    return "T0410: An argument of a function does not match the function's signature"


@lru_cache(maxsize=4096)
def problem(text: str) -> str:
    """What is wrong with an expression; empty where nothing is."""
    try:
        parse(text)
        calls = names_in(text).functions
    except JsonataError as error:
        return str(error)
    if "eval" in calls:
        return "Step Functions has no $eval; use $parse for JSON"
    return ""


@lru_cache(maxsize=1)
def built_in() -> frozenset[str]:
    """The functions of the language and those that Step Functions adds, without `$eval`."""
    frame: Any = Jsonata.static_frame
    return frozenset(frame.bindings) - {"eval"} | ADDED


@lru_cache(maxsize=4096)
def names_in(text: str) -> Names:
    """What an expression names; JsonataError where it can't be read."""
    tree = parse(text)
    defined = frozenset(_defined(tree))
    functions = frozenset(_called(tree)) - defined
    variables = (
        frozenset(node.value for node in _nodes(tree) if _is(node, "variable")) - defined - functions - {"", "$"}
    )
    states = frozenset(field for field in _states_fields(tree) if field)
    return Names(functions, frozenset(map(str, variables)), states, tuple(dict.fromkeys(_bare(tree))))


def _is(node: Any, kind: str) -> bool:
    return getattr(node, "type", None) == kind


def _parts(node: Any) -> Iterator[Any]:
    for name, value in cast(dict[str, Any], vars(node)).items():
        if not name.startswith("_Symbol") and name not in ("outer_instance", "_outer_instance", "nextFunction"):
            yield value


def _nodes(tree: Any) -> Iterator[Any]:
    """Every node of a tree."""
    pending: list[Any] = [tree]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        if isinstance(part, list | tuple):
            pending.extend(cast(list[Any], part))
        elif isinstance(part, Parser.Symbol) and id(part) not in seen:
            seen.add(id(part))
            yield part
            pending.extend(_parts(part))


def _defined(tree: Any) -> Iterator[str]:
    """The names that an expression gives values: by `:=`, as a parameter, or by `@` and `#`."""
    for node in _nodes(tree):
        if _is(node, "bind"):
            yield str(node.lhs.value)
        elif _is(node, "lambda"):
            yield from (str(argument.value) for argument in node.arguments)
        for field in ("focus", "index"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name


def _called(tree: Any) -> Iterator[str]:
    for node in _nodes(tree):
        if getattr(node, "type", None) in ("function", "partial") and _is(node.procedure, "variable"):
            yield str(node.procedure.value)
        elif _is(node, "apply") and _is(node.rhs, "variable"):
            yield str(node.rhs.value)


def _states_fields(tree: Any) -> Iterator[str]:
    """The field of `$states` that each path begins with; empty for the whole of it."""
    for node in _nodes(tree):
        if _is(node, "path") and _is(node.steps[0], "variable") and node.steps[0].value == RESERVED:
            yield str(node.steps[1].value) if len(node.steps) > 1 and _is(node.steps[1], "name") else ""


def _bare(node: Any) -> Iterator[str]:
    """The fields that an expression reads of a document, which Step Functions does not give it."""
    if isinstance(node, list | tuple):
        for item in cast(list[Any], node):
            yield from _bare(item)
        return
    kind = getattr(node, "type", None)
    if kind == "path":
        yield from _bare(node.steps[0])
    elif kind in ("name", "wildcard", "descendant", "parent"):
        yield str(node.value)
    elif kind == "variable" and node.value in ("", "$"):
        yield "$" + str(node.value)
    elif kind not in (None, "lambda", "transform"):
        for field in _OPEN:
            yield from _bare(getattr(node, field, None))


_OPEN = ("lhs", "rhs", "expression", "expressions", "lhs_object", "condition", "then", "_else", "arguments")
"""Where an expression's own context goes on; a filter, a sort and a function's body have another."""


def is_function(value: object) -> bool:
    """Whether a value of the library is a function."""
    functions: Any = Functions
    return isinstance(value, Jsonata.JFunctionCallable | Parser.Symbol) or bool(functions.is_lambda(value))
