"""EventBridge's patterns, as far as they match an event of ours. Pure; held against other implementations by a test.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
Known: exact values, prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists, `$or`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from interlock.contract.core.base import Json

OPERATORS = ("prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "exists")
MISSING = object()


def matches(pattern: Mapping[str, Json], event: Mapping[str, Json]) -> bool:
    """Whether a pattern matches an event (or a detail), field by field: all of them must."""
    for field, wanted in pattern.items():
        if field == "$or":
            if not any(matches(part, event) for part in wanted):
                return False
        elif not _field(wanted, event.get(field, MISSING)):
            return False
    return True


def faults(pattern: Json, where: str = "") -> Iterator[str]:
    """Name the parts of a pattern that `matches` does not support."""
    fields = _object(pattern)
    if not fields:
        yield f"{where or 'the pattern'} must be an object that is not empty"
        return
    for field, wanted in fields.items():
        place = f"{where}.{field}" if where else field
        rules = _list(wanted)
        if field == "$or":
            yield from ([] if rules and len(rules) > 1 else [f"{place} must be a list of patterns"])
            for part in rules or []:
                yield from faults(part, place)
        elif _object(wanted) is not None:
            yield from faults(wanted, place)
        elif not rules:
            yield f"{place} must be a list of what may match, or an object"
        else:
            for rule in rules:
                yield from _faults_of_rule(rule, place)


def _faults_of_rule(rule: Json, place: str) -> Iterator[str]:
    fields = _object(rule)
    if fields is None:
        if _list(rule) is not None:
            yield f"{place} holds a list in a list"
    elif len(fields) != 1 or next(iter(fields)) not in OPERATORS:
        yield f"{place} has {', '.join(fields) or 'nothing'}: one of {', '.join(OPERATORS)}"


def _field(wanted: Json, field: Json) -> bool:
    several, fields = _list(field), _object(wanted)
    values = [field] if several is None else several
    if fields is None:
        return any(_rule(rule, values) for rule in _list(wanted) or [])
    # EventBridge looks into each object of a list: one that matches is enough.
    return any(matches(fields, _object(part) or {}) for part in values)


def _rule(rule: Json, values: Sequence[Json]) -> bool:
    """Whether one of the values passes; of a list, one is enough."""
    there = [value for value in values if value is not MISSING and _object(value) is None]
    fields = _object(rule)
    if fields is None:
        return any(_same(rule, value) for value in there)
    operator, argument = next(iter(fields.items()))
    if operator == "exists":
        return bool(there) is bool(argument)
    if operator == "anything-but":
        return any(not _excluded(argument, value) for value in there)
    return any(_operator(operator, argument, value) for value in there)


def _operator(operator: str, argument: Json, value: Json) -> bool:
    if operator == "numeric":
        return _is_number(value) and _numeric(argument, value)
    if not isinstance(value, str):
        return False
    fields = _object(argument)
    if fields is not None:
        return _operator(operator, str(fields.get("equals-ignore-case", "")).lower(), value.lower())
    match operator:
        case "prefix":
            return value.startswith(str(argument))
        case "suffix":
            return value.endswith(str(argument))
        case "equals-ignore-case":
            return value.lower() == str(argument).lower()
        case "wildcard":
            parts = [re.escape(part) for part in str(argument).split("*")]
            return re.fullmatch(".*".join(parts), value, re.DOTALL) is not None
        case _:
            return False


def _excluded(argument: Json, value: Json) -> bool:
    fields = _object(argument)
    if fields is None:
        several = _list(argument)
        return any(_same(word, value) for word in ([argument] if several is None else several))
    operator, inner = next(iter(fields.items()))
    several = _list(inner)
    return any(_operator(operator, word, value) for word in ([inner] if several is None else several))


def _numeric(argument: Json, value: float) -> bool:
    """Pairs of comparison and number, all of which must hold."""
    parts = _list(argument) or []
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    return bool(pairs) and all(_compare(str(sign), value, number) for sign, number in pairs)


def _compare(sign: str, value: float, number: float) -> bool:
    match sign:
        case "=":
            return value == number
        case "<":
            return value < number
        case "<=":
            return value <= number
        case ">":
            return value > number
        case ">=":
            return value >= number
        case _:
            return False


def _object(value: Json) -> dict[str, Json] | None:
    return cast(dict[str, Json], value) if isinstance(value, dict) else None


def _list(value: Json) -> list[Json] | None:
    return cast(list[Json], value) if isinstance(value, list) else None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(wanted: Json, value: Json) -> bool:
    """Equal in JSON: true is not 1."""
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    return bool(wanted == value)
