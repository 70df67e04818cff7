"""JSON values as Step Functions sees them: kinds, equality, text and size."""

import json
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Object: TypeAlias = dict[str, Json]

MAX_BYTES = 262_144
"""The largest input or output of a state, in bytes of UTF-8.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""


def kind_of(value: Json) -> str:
    """The name of a value's JSON type: null, boolean, number, string, array or object."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"


def is_number(value: Json) -> bool:
    """Whether a value is a JSON number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(left: Json, right: Json) -> bool:
    """Whether two values are equal as JSON: 1 equals 1.0, and does not equal true."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[name]) for name, value in left.items())
    return kind_of(left) == kind_of(right) and left == right


def text_of(value: Json) -> str:
    """A value as compact JSON text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def size_of(value: Json) -> int:
    """How many bytes a value has as compact JSON text in UTF-8."""
    return len(text_of(value).encode(errors="surrogatepass"))


def whole(value: Json) -> int | None:
    """A number without a fraction as an integer; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if float(value).is_integer() else None
