"""Reads the expressions of a workflow: are they as AWS accepts them, and which names do they read?"""

import re
from collections.abc import Iterator
from typing import Any, cast

from interlock.asl import intrinsics, jsonata_text
from interlock.asl.path_text import PathSyntaxError
from interlock.asl.paths import parse_path
from interlock.contract.core import limits

JSONATA = re.compile(r"^\{%(.*)%\}$", re.DOTALL)
_LONG = f"it has more than {limits.EXPRESSION_CHARS:,} characters: compute it in a step"
_NAMES = re.compile(r"[A-Za-z_][\w\-]*")
_VOLATILE = re.compile(
    r"States\.(UUID|MathRandom)|\$(now|millis|random|uuid)\(|(\$\$|context)\.Execution\.(Id|Name|StartTime)"
)


def is_jsonata(value: object) -> bool:
    """Whether a string is `{% … %}`."""
    return isinstance(value, str) and JSONATA.match(value) is not None


def jsonata_problem(text: str) -> str:
    """What is wrong with `{% … %}`; empty where nothing is."""
    match = JSONATA.match(text)
    if match is None:
        return "it does not have the form {% … %}"
    if len(text) > limits.EXPRESSION_CHARS:
        return _LONG
    return jsonata_text.problem(match.group(1).strip())


def jsonata_names(text: str) -> jsonata_text.Names | None:
    """What `{% … %}` names; None where it can't be read."""
    match = JSONATA.match(text)
    try:
        return jsonata_text.names_in(match.group(1).strip()) if match else None
    except jsonata_text.JsonataError:
        return None


def path_problem(text: object, *, reference: bool = False) -> str:
    """What is wrong with a path; empty where nothing is.

    Args:
        text: the value of the field.
        reference: whether it must be a reference path, which names one place.
    """
    if not isinstance(text, str):
        return "it must be a path, such as $.name"
    if len(text) > limits.EXPRESSION_CHARS:
        return _LONG
    try:
        path = parse_path(text)
    except PathSyntaxError as error:
        return "an intrinsic function can't stand here" if text.startswith("States.") else f"not a path: {error}"
    if reference and not path.reference:
        return "it must name one place: no `..`, `*`, filter, slice, or several names or indexes"
    return ""


def result_path_problem(text: object) -> str:
    """What is wrong with a ResultPath; it leads into the state's input."""
    problem = path_problem(text, reference=True)
    if problem or not isinstance(text, str):
        return problem
    root = parse_path(text).root
    if root == "$$":
        return "a result can't be put into the context object"
    return "" if root == "$" else "a result can't be put into a variable; use Assign"


def value_problem(text: object) -> str:
    """What is wrong with a path or a call of an intrinsic function, the value of a field that ends in `.$`."""
    if not isinstance(text, str):
        return "a field that ends in `.$` must be a text with a path or an intrinsic function"
    if len(text) > limits.EXPRESSION_CHARS:
        return _LONG
    if text.startswith("States."):
        return "; ".join(intrinsics.problems(text))
    return path_problem(text)


def is_volatile(text: str) -> bool:
    """Whether the expression differs each time, so that a fork could not reproduce it."""
    return _VOLATILE.search(text) is not None


def strings(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a JSON value, as (where, text); `where` is a path by `/`."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, item in cast(dict[str, Any], value).items():
            yield from strings(item, f"{where}/{key}")
    elif isinstance(value, list):
        for ordinal, item in enumerate(cast(list[Any], value)):
            yield from strings(item, f"{where}/{ordinal}")


def names_read(text: str) -> frozenset[str]:
    """Every identifier in an expression: more than it reads, never less."""
    return frozenset(_NAMES.findall(text))
