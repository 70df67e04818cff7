"""Conditions of breakpoints: whatever an expression does, it answers in time and leaves this process alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from interlock.bounds.child import SECONDS
from interlock.control.pauses.condition import WALL_FACTOR, evaluate
from tests.support.busy import in_time

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "conditions.json"
VALUES: Any = {"input": {"x": "a" * 34 + "!", "n": 5}, "output": None, "error": None}
LIMIT = SECONDS * WALL_FACTOR + 0.15
"""Seconds, on a machine that may be busy with other tests."""


def cases() -> list[Any]:
    return json.loads(CASES.read_text())["cases"] if CASES.exists() else []


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("input.n > 1", True),
        ("input.n > 10", False),
        ("input.missing", False),
        ("output = null", True),
        ("[false, true]", True),
        ("[]", False),
    ],
)
def test_condition_holds_as_boolean_says(condition: str, holds: bool) -> None:
    assert evaluate(condition, VALUES).holds is holds


@pytest.mark.parametrize(
    "condition",
    [
        "$match(input.x, /^(a|aa)+$/)",
        "$count([1..3000].([1..3000])) > 1",
        "$reduce([1..40], function($a, $b){$a & $a}, 'aaaaaaaaaa')",
        "$count($reduce([1..40], function($a, $b){$append($a, $a)}, [1, 2]))",
        "$power($power(9, 99), 99)",
        "1/0",
        "$sort([1..100000], function($a, $b){$a < $b})",
        "$eval('[1..10000000]')",
    ],
)
def test_hostile_condition_does_not_hold_and_says_why(condition: str) -> None:
    verdict = in_time(LIMIT, lambda: evaluate(condition, VALUES))
    assert not verdict.holds and verdict.error


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_condition_of_the_shared_cases_is_bounded(case: Any) -> None:
    big = {**VALUES, "input": {"a": [{"b": number} for number in range(200_000)]}}
    values = big if "values" in case else VALUES
    in_time(LIMIT, lambda: evaluate(case["condition"], values))
