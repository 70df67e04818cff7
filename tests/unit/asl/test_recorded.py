"""Every answer that AWS gave, or that its documentation gives, where the shared cases are there."""

import json
from pathlib import Path
from typing import Any

import pytest

from interlock.asl.choice import passes
from interlock.asl.clock import MovedClock
from interlock.asl.execution import Settings
from interlock.asl.interpreter import run
from interlock.asl.scope import Scope
from interlock.asl.values import equal

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "asl"
ABSENT = pytest.mark.skipif(not CASES.exists(), reason="shared cases: asl")
PLATFORM = ("b1 ", "b2 ")
"""Cases that rest on the platform's spilling, which no evaluator has: tests/local/gate/test_spill.py has them."""


def load(name: str) -> Any:
    return json.loads((CASES / name).read_text()) if CASES.exists() else []


ONE_EXPRESSION = [case for case in load("one-expression.json") if not case["name"].startswith(PLATFORM)]


def answer(definition: Any, value: Any) -> tuple[str, Any]:
    ended = run(definition, value, Settings(task=lambda call: call.input, clock=MovedClock()))
    return (ended.status, ended.output if ended.succeeded else ended.error)


@ABSENT
@pytest.mark.parametrize("case", load("answers.json"), ids=lambda case: case["name"])
def test_answer_is_that_of_aws(case: Any) -> None:
    status, value = answer(case["definition"], case["input"])
    assert status in ("SUCCEEDED", "FAILED")
    if case["aws"] is not None:
        assert status == case["aws"][0] and equal(value, case["aws"][1])


@ABSENT
@pytest.mark.parametrize("case", ONE_EXPRESSION, ids=lambda case: case["name"])
def test_expression_is_that_of_aws(case: Any) -> None:
    status, value = answer(case["definition"], case["input"])
    if status == "FAILED":
        assert value in str(case["aws"]).split("|")
    else:
        assert equal(value, case["aws"])


@ABSENT
def test_choice_is_that_of_aws() -> None:
    differences: dict[str, list[Any]] = load("choice-differences.json")
    for operator, rows in differences.items():
        for case, aws, _ in rows:
            value = "$.Value" if operator.endswith("Path") else case["Value"]
            result = passes({"Variable": "$.Variable", operator: value}, case, Scope())
            assert result is (aws == "ConditionTrue"), (operator, case)
