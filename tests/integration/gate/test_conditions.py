"""A run with a breakpoint whose condition is hostile ends as it would without: the gate loses half a second at most."""

from __future__ import annotations

import json
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from interlock.contract.core.names import ulid
from interlock.contract.run import Breakpoint
from interlock.control.pauses.breakpoints import look
from tests.support.busy import TRIES
from tests.support.cloud import AT, TENANT
from tests.support.gate import GateHere
from tests.support.kit import bundle, single, task

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "conditions.json"
CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"
HOSTILE = [
    "$match(input.x, /^(a|aa)+$/)",
    "$count([1..3000].([1..3000])) > 1000000000",
    "$reduce([1..40], function($a, $b){$a & $a}, 'aaaaaaaaaa')",
    "1/0",
    "$nope(1)",
]
INPUT = {"x": "a" * 34 + "!", "n": 5}
SECONDS = 0.7


def work(value: Any) -> Any:
    """A step that answers its input."""
    return value


def conditions() -> list[str]:
    cases: list[dict[str, Any]] = json.loads(CASES.read_text())["cases"] if CASES.exists() else []
    true = ("plain", "formatInteger words", "string of cyclic", "wildcard on big input", "sort on big input")
    # A half of a character can't be stored: it is refused when the breakpoint is armed.
    true = (*true, "encodeUrl surrogate")
    # Patterns that the regex library searches without trying all ways: they answer a text, which holds.
    true = (*true, "ReDoS replace", "ReDoS split")
    return HOSTILE + [case["condition"] for case in cases if case["name"] not in true]


def timed_attempt(here: GateHere, *rules: Breakpoint) -> tuple[Any, float]:
    """What the gate answers to an attempt of a run with breakpoints, and the seconds that it takes."""
    app = here.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}), {"work": work})
    run = here.start(app, "main")
    here.cloud.runs.change_in_flight(TENANT, run.id, lambda item: item.model_copy(update={"breakpoints": rules}), "")
    began = monotonic()
    answer = here.attempt(run, "Only", INPUT, step="work")
    return answer, monotonic() - began


@pytest.mark.parametrize("condition", conditions())
def test_hostile_condition_leaves_the_run_untouched(here: GateHere, condition: str) -> None:
    rule = Breakpoint(id=ulid(), condition=condition, armed_at=AT, once=False)
    plain, usual = timed_attempt(here)
    for _ in range(TRIES):
        answer, seconds = timed_attempt(here, rule)
        assert answer == plain == INPUT
        if seconds < usual + SECONDS:
            break
    else:
        pytest.fail(f"each of {TRIES} attempts took more than {SECONDS} s longer than without the condition")
    (shown,) = look(here.cloud.runs, (rule,), (TENANT,))
    assert bool(shown.errors) == bool(shown.last_error)
    assert shown.errors or condition not in HOSTILE
