"""Reads the expressions of a workflow: are they well-formed, and which names do they read?

JSONata is parsed by the `jsonata` library that the embedded engine uses too; JSONPath by the grammar of reference paths
and the intrinsic functions (https://states-language.net/spec.html#path).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from jsonata.jexception import JException
from jsonata.parser import Parser

JSONATA = re.compile(r"^\{%(.*)%\}$", re.DOTALL)
_PATH = re.compile(
    r"^\$(\$)?([A-Za-z_][\w]*)?"
    r"(\.\.?(\*|[\w\-]+|\*)|\.\.?\[[^\[\]]+\]|\[\s*(-?\d+|\*|'[^']*'|\"[^\"]*\"|-?\d*:-?\d*(:-?\d+)?|\?\(.+\)|-?\d+(\s*,\s*-?\d+)+)\s*\])*$"
)
INTRINSIC = re.compile(
    r"^States\.(Format|StringToJson|JsonToString|Array|ArrayPartition|ArrayContains|ArrayRange|ArrayGetItem|ArrayLength|ArrayUnique|Base64Encode|Base64Decode|Hash|JsonMerge|MathRandom|MathAdd|StringSplit|UUID)\(.*\)$",
    re.DOTALL,
)
_NAMES = re.compile(r"[A-Za-z_][\w\-]*")
_VOLATILE = re.compile(
    r"States\.(UUID|MathRandom)|\$(now|millis|random|uuid)\(|(\$\$|context)\.Execution\.(Id|Name|StartTime)"
)


def is_jsonata(value: object) -> bool:
    """Whether a string is `{% … %}`."""
    return isinstance(value, str) and JSONATA.match(value) is not None


@lru_cache(maxsize=4096)
def jsonata_problem(text: str) -> str:
    """What is wrong with `{% … %}`; empty where nothing is."""
    match = JSONATA.match(text)
    if match is None:
        return "it does not have the form {% … %}"
    try:
        Parser().parse(match.group(1))
    except JException as error:
        return str(error)
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError) as error:
        return f"it can't be parsed: {error}"
    return ""


def path_problem(text: str) -> str:
    """What is wrong with a JSONPath or an intrinsic call; empty where nothing is."""
    if text.startswith("States."):
        return "" if INTRINSIC.match(text) else "it is not an intrinsic function of Step Functions"
    return "" if _PATH.match(text) else "it is not a JSONPath"


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
