"""The rules of a Choice in JSONPath.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from interlock.asl import errors
from interlock.asl.scope import Scope
from interlock.asl.select import Absent, read
from interlock.asl.timestamps import parse_time
from interlock.asl.values import Json, Object, is_number, text_of

Order = Callable[[int], bool]
ORDERS: Mapping[str, Order] = {
    "Equals": lambda order: order == 0,
    "LessThan": lambda order: order < 0,
    "GreaterThan": lambda order: order > 0,
    "LessThanEquals": lambda order: order <= 0,
    "GreaterThanEquals": lambda order: order >= 0,
}
TYPE_TESTS: Mapping[str, Callable[[Json], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": is_number,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: parse_time(value) is not None,
}
JOINS = ("And", "Or", "Not")
COMPARISONS: Mapping[str, tuple[str, str]] = {
    f"{kind}{order}": (kind, order)
    for kind in ("String", "Numeric", "Timestamp", "Boolean")
    for order in ORDERS
    if kind != "Boolean" or order == "Equals"
}
OPERATORS = frozenset(
    [*COMPARISONS, *(f"{name}Path" for name in COMPARISONS), "StringMatches", "IsPresent", *TYPE_TESTS]
)


def passes(rule: Object, data: Json, scope: Scope) -> bool:
    """Whether a rule holds for a state's effective input.

    A comparison of a value of another type is false: BooleanEquals is false for 1, IsNumeric for true.

    Raises:
        StatesError: States.Runtime where a path leads to nothing; only IsPresent may ask.
    """
    if "And" in rule:
        return all(passes(inner, data, scope) for inner in _rules(rule["And"]))
    if "Or" in rule:
        return any(passes(inner, data, scope) for inner in _rules(rule["Or"]))
    if "Not" in rule:
        return not passes(_rules([rule["Not"]])[0], data, scope)
    operator = next((name for name in rule if name in OPERATORS), None)
    if operator is None:
        raise errors.runtime(f"The choice rule has no comparison: {text_of(rule)}")
    if operator == "IsPresent":
        return _present(rule, data, scope) == rule[operator]
    value = _read(rule, "Variable", data, scope)
    if operator in TYPE_TESTS:
        return TYPE_TESTS[operator](value) == rule[operator]
    other = _read(rule, operator, data, scope) if operator.endswith("Path") else rule[operator]
    if operator == "StringMatches":
        return isinstance(value, str) and isinstance(other, str) and matches_pattern(other, value)
    return _compare(operator.removesuffix("Path"), value, other)


def _rules(value: Json) -> Sequence[Object]:
    rules = value if isinstance(value, list) else []
    if not rules or not all(isinstance(rule, dict) for rule in rules):
        raise errors.runtime("And, Or and Not need choice rules")
    return cast(Sequence[Object], rules)


def _present(rule: Object, data: Json, scope: Scope) -> bool:
    try:
        _read_path(rule, "Variable", data, scope)
    except Absent:
        return False
    return True


def _read(rule: Object, field: str, data: Json, scope: Scope) -> Json:
    try:
        return _read_path(rule, field, data, scope)
    except Absent as absent:
        raise errors.runtime(
            f"Invalid path '{rule.get(field)}': The choice state's condition path references an invalid value."
        ) from absent


def _read_path(rule: Object, field: str, data: Json, scope: Scope) -> Json:
    path = rule.get(field)
    if not isinstance(path, str):
        raise errors.runtime(f"{field} of a choice rule must be a path")
    return read(path, data, scope)


def _compare(operator: str, value: Json, other: Json) -> bool:
    kind, order = COMPARISONS[operator]
    if kind == "Boolean":
        return isinstance(value, bool) and isinstance(other, bool) and value == other
    one, two = _comparable(kind, value), _comparable(kind, other)
    if one is None or two is None:
        return False
    if isinstance(one, str) and isinstance(two, str):
        return ORDERS[order]((one > two) - (one < two))
    if isinstance(one, datetime) and isinstance(two, datetime):
        return ORDERS[order]((one > two) - (one < two))
    if isinstance(one, int | float) and isinstance(two, int | float):
        return ORDERS[order]((one > two) - (one < two))
    return False


def _comparable(kind: str, value: Json) -> str | int | float | datetime | None:
    if kind == "String":
        return value if isinstance(value, str) else None
    if kind == "Timestamp":
        return parse_time(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def matches_pattern(pattern: str, text: str) -> bool:
    r"""Whether a text matches a pattern of StringMatches.

    `*` stands for any characters, `\*` for a star, and `\\` for a backslash.
    """
    pieces = _pieces(pattern)
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in middle:
        place = text.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return True


def _pieces(pattern: str) -> list[str]:
    """The literal texts between the stars."""
    pieces = [""]
    signs = iter(pattern)
    for sign in signs:
        if sign == "*":
            pieces.append("")
        else:
            pieces[-1] += next(signs, "\\") if sign == "\\" else sign
    return pieces
