"""Rules of a Choice: types are never mixed, and only IsPresent may ask for what is absent."""

from typing import Any

import pytest

from interlock.asl import errors
from interlock.asl.choice import OPERATORS, passes
from interlock.asl.scope import Scope

DATA: Any = {"nul": None, "yes": True, "one": 1, "a": "a", "b": "b", "t": "2026-01-01T00:00:00Z", "star": "a*b"}
LATER = "2026-01-01T02:00:00+01:00"


def rule(operator: str, variable: str, value: Any) -> dict[str, Any]:
    return {"Variable": f"$.{variable}", operator: value}


@pytest.mark.parametrize(
    ("operator", "variable", "value", "result"),
    [
        ("IsPresent", "nul", True, True),
        ("IsPresent", "missing", False, True),
        ("IsNull", "nul", True, True),
        ("IsNumeric", "yes", False, True),
        ("IsBoolean", "yes", True, True),
        ("BooleanEquals", "one", True, False),
        ("BooleanEqualsPath", "yes", "$.yes", True),
        ("NumericEquals", "one", 1.0, True),
        ("NumericEquals", "yes", 1, False),
        ("NumericLessThanPath", "one", "$.one", False),
        ("StringLessThanPath", "a", "$.b", True),
        ("StringGreaterThanEqualsPath", "b", "$.a", True),
        ("StringEquals", "one", "1", False),
        ("TimestampLessThan", "t", LATER, True),
        ("TimestampEquals", "t", "2026-01-01T00:00:00.000Z", True),
        ("TimestampEquals", "a", "2026-01-01T00:00:00.000Z", False),
        ("StringMatches", "star", r"a\*b", True),
        ("StringMatches", "star", "*b", True),
        ("StringMatches", "star", "a*b*c", False),
        ("StringMatches", "star", "a*b*", True),
        ("StringMatches", "a", "a*a", False),
    ],
)
def test_comparison_is_true_for_its_type_alone(operator: str, variable: str, value: Any, result: bool) -> None:
    assert passes(rule(operator, variable, value), DATA, Scope()) is result


@pytest.mark.parametrize(
    ("text", "timestamp"),
    [
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00.123456789+02:00", True),
        ("2026-01-01T00:00:00", False),
        ("2026-01-01", False),
        ("2026-13-01T00:00:00Z", False),
        ("2026-01-01 00:00:00Z", False),
    ],
)
def test_timestamp_needs_a_date_a_time_and_a_zone(text: str, timestamp: bool) -> None:
    assert passes({"Variable": "$", "IsTimestamp": True}, text, Scope()) is timestamp


@pytest.mark.parametrize("operator", sorted(OPERATORS - {"IsPresent"}))
def test_operator_fails_on_an_absent_variable(operator: str) -> None:
    with pytest.raises(errors.StatesError) as caught:
        passes(rule(operator, "missing", "$.a"), DATA, Scope())
    assert caught.value.error == errors.RUNTIME


def test_joins_combine_rules() -> None:
    one, other = rule("IsNull", "nul", True), rule("StringEquals", "a", "z")
    assert passes({"And": [one, {"Not": other}]}, DATA, Scope())
    assert passes({"Or": [other, one]}, DATA, Scope())


def test_pattern_of_many_stars_takes_little_time() -> None:
    assert not passes({"Variable": "$", "StringMatches": "*a" * 30 + "*b"}, "a" * 5000, Scope())
