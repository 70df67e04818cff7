"""Behind the gate a workflow does what it did: the same states entered, the same output or error, paused or not.

Originals call their steps directly; compiled ones go through the gate's own code. Both walk the engine's interpreter.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlock.contract.core.failure import Conflict
from interlock.contract.run import Decision, Pause
from interlock.control.pauses.pauses import decide
from tests.support.behaviour import Seen, all_states, differences, seen, visited_tasks
from tests.support.gate import App, GateHere
from tests.support.kit import bundle
from tests.support.machines import FUNCTION, Execution, TaskError
from tests.support.random_workflows import STEPS, given, step_functions, workflow

WORKFLOWS = 180
PER_VERSION = 15
Do = Callable[[str, Any, str], Any]


@pytest.fixture
def do(tmp_path: Path) -> Do:
    """What the steps do: by kind, input and who calls."""
    return step_functions(tmp_path)


@pytest.fixture(autouse=True)
def functions(here: GateHere, do: Do) -> None:
    """The steps as functions that a Task calls directly."""
    for kind in STEPS:
        here.machines.functions[f"{FUNCTION}{kind}"] = _plain(do, kind)


def _plain(do: Do, kind: str) -> Callable[[Any], Any]:
    """A step as a function that a Task calls directly."""

    def call(value: Any) -> Any:
        try:
            return do(kind, value, "original")
        except Exception as error:
            raise TaskError(type(error).__name__, str(error)) from error

    return call


def _step(do: Do, kind: str) -> Callable[..., Any]:
    """The same as a step behind the gate."""

    def call(value: Any, ctx: Any) -> Any:
        return do(kind, value, ctx.run)

    return call


def _seen(execution: Execution) -> Seen:
    return seen(execution.status, execution.error, execution.output, execution.events)


def original(here: GateHere, seed: int) -> Seen:
    """The workflow as it is written."""
    text = json.dumps(workflow(seed))
    for kind in STEPS:
        text = text.replace(f"${{{kind}}}", f"{FUNCTION}{kind}")
    return _seen(here.machines.run(text, given(seed)))


def compiled(here: GateHere, app: App, seed: int, stop: str = "") -> tuple[Seen, int]:
    """The workflow behind the gate; with `stop`, paused before that Task and told to go on. And how often it paused."""
    pauses: list[str] = []

    def go_on(pause: Pause) -> None:
        pauses.append(pause.id)
        # A pause is over where another branch failed meanwhile.
        with contextlib.suppress(Conflict):
            decide(here.cloud.runs, pause.tenant, pause.run, pause.id, Decision(action="go"))

    here.person = go_on
    _, execution = here.run(app, f"w{seed}", given(seed), stop=((stop, "before"),) if stop else ())
    return _seen(execution), len(pauses)


@pytest.mark.parametrize("first", range(0, WORKFLOWS, PER_VERSION))
def test_workflows_behind_the_gate_do_what_they_did(here: GateHere, do: Do, first: int) -> None:
    seeds = range(first, first + PER_VERSION)
    flows = {f"w{seed}": workflow(seed) for seed in seeds}
    steps = {kind: _step(do, kind) for kind in STEPS}
    app = here.app(bundle("from interlock import step\n" + CODE, dict.fromkeys(STEPS, ""), flows), steps)
    wrong: list[str] = []
    paused_runs = 0
    for seed in seeds:
        raw = workflow(seed)
        before = original(here, seed)
        after, _ = compiled(here, app, seed)
        wrong += [f"w{seed}: {text}" for text in differences(raw, before, after)]
        if not (tasks := visited_tasks(raw, before)):
            continue
        stop = tasks[seed % len(tasks)]
        paused, pauses = compiled(here, app, seed, stop)
        paused_runs += pauses > 0
        result = differences(raw, before, paused, stop)
        wrong += [f"w{seed} paused at {stop}: {text}" for text in result]
    assert not wrong, "\n".join(wrong)
    assert paused_runs >= PER_VERSION // 2


def test_random_workflows_have_every_kind_of_state() -> None:
    kinds = Counter(state["Type"] for seed in range(WORKFLOWS) for state in all_states(workflow(seed)).values())
    assert min(kinds[kind] for kind in ("Task", "Map", "Parallel", "Choice", "Wait", "Pass")) >= 20
    assert min(kinds["Succeed"], kinds["Fail"]) >= 4


CODE = "".join(f"\n\n@step\ndef {kind}(value, ctx):\n    return value\n" for kind in STEPS)
"""What is published: the platform reads it, and does not run it here."""
