"""Between JSON and the values of the JSONata library, and an expression of AWS's dialect."""

import math
from typing import Any, cast

from jsonata.jsonata import Jsonata
from jsonata.timebox import Timebox
from jsonata.utils import Utils

from interlock.asl import jsonata_functions
from interlock.asl.jsonata_text import JsonataError, is_function, parse, parser, regex
from interlock.asl.values import Json

NOTHING = object()
"""JSONata's undefined."""
MAX_EXACT = 1e21


class Expression(Jsonata):
    """An expression that was read by AWS's rules, with AWS's functions."""

    def __init__(self, text: str, timeout_ms: int, depth: int) -> None:
        """Read an expression; JsonataError where it can't be read."""
        # The library's own constructor takes its parser of all operators, so its fields are set here.
        this = cast(Any, self)
        this.regex_engine = regex
        this.timeout = timeout_ms
        this.stack = depth
        this.parser = parser()
        this.ast = parse(text)
        this.errors = None
        this.environment = this.create_frame(Jsonata.static_frame)
        this.environment.set_runtime_bounds(timeout_ms, depth)
        this.timestamp = Timebox.current_milli_time()
        this.input = None
        this.validate_input = True
        this.output_convert_nulls = False
        cast(Any, Jsonata).CURRENT.jsonata = self
        jsonata_functions.install(this)

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        """`&`, with numbers as `$string` writes them."""
        return "".join(jsonata_functions.to_text(side) for side in (lhs, rhs) if side is not None)


def native(value: Json) -> Any:
    """A JSON value for the library, which has a null of its own."""
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {name: native(item) for name, item in value.items()}
    if isinstance(value, list):
        return [native(item) for item in value]
    return value


def plain(value: Any) -> Any:
    """A value of the library as JSON; NOTHING for undefined.

    Raises:
        JsonataError: it holds a function or a number that JSON can't hold.
    """
    if value is None:
        return NOTHING
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if is_function(value):
        raise JsonataError("T1008: A function is not a value of JSON")
    if isinstance(value, dict):
        pairs = ((name, plain(item)) for name, item in cast(dict[str, Any], value).items())
        return {str(name): item for name, item in pairs if item is not NOTHING}
    items = (plain(item) for item in value)
    return [item for item in items if item is not NOTHING]


def _number(value: int | float) -> int | float:
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        raise JsonataError("D1001: Number out of range")
    return int(value) if value.is_integer() and abs(value) < MAX_EXACT else value
