"""A paused run: stopped once, decided once, and what each decision makes of the step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from interlock.contract.core.failure import Conflict, GateFailure, NotFound
from interlock.contract.envelope import PauseRequest, paused_message
from interlock.contract.run import Decision, Pause, PauseStatus, Run
from interlock.control.pauses.pauses import decide, find_pause, keep_pause
from tests.support.cloud import TENANT, Cloud
from tests.support.gate import App, GateHere, gate_here
from tests.support.kit import bundle, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"
CAUGHT = [{"ErrorEquals": ["Chosen"], "ResultPath": "$.error", "Next": "Last"}]
FLOW = {
    "StartAt": "First",
    "States": {
        "First": task("work", Next="Held"),
        "Held": task("work", Catch=CAUGHT, Next="Last"),
        "Last": task("work"),
    },
}


class Steps:
    """Adds one to `n`, and fails where it is to."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def work(self, value: Any) -> Any:
        self.calls.append(value["n"])
        if value["n"] == 13:
            raise ValueError("unlucky")
        return {"n": value["n"] + 1}


@pytest.fixture
def here(cloud: Cloud) -> Iterator[GateHere]:
    with gate_here(cloud) as gate:
        yield gate


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def app(here: GateHere, steps: Steps) -> App:
    return here.app(bundle(CODE, {"work": ""}, {"main": FLOW}), {"work": steps.work})


def decided(here: GateHere, app: App, at: str, decision: Decision, n: int = 1) -> tuple[str, Any, list[Pause]]:
    """A run that is stopped at `Held` and decided about: its end, and the pauses that there were."""
    pauses: list[Pause] = []

    def person(pause: Pause) -> None:
        pauses.append(pause)
        fields = Decision(action="go") if len(pauses) > 1 else decision
        decide(here.cloud.runs, TENANT, pause.run, pause.id, fields)

    here.person = person
    run, ended = here.run(app, "main", {"n": n}, stop=(("Held", at),))
    stored = here.cloud.runs.find(TENANT, run.id).item
    assert stored.open_pauses == 0
    return ended.error or ended.status, ended.output, pauses


@pytest.mark.parametrize(
    ("at", "decision", "output", "calls"),
    [
        ("before", Decision(action="go"), {"n": 4}, [1, 2, 3]),
        ("before", Decision(action="go", edited=True, input={"n": 40}), {"n": 42}, [1, 40, 41]),
        ("before", Decision(action="output", output={"n": 70}), {"n": 71}, [1, 70]),
        ("after", Decision(action="go"), {"n": 4}, [1, 2, 3]),
        ("after", Decision(action="retry"), {"n": 4}, [1, 2, 2, 3]),
        ("after", Decision(action="output", output={"n": 70}), {"n": 71}, [1, 2, 70]),
        ("after", Decision(action="error", error="Chosen", cause="so"), {"n": 3}, [1, 2, 2]),
    ],
)
def test_a_decision_is_carried_out(
    here: GateHere, app: App, steps: Steps, at: str, decision: Decision, output: Any, calls: list[int]
) -> None:
    end, result, pauses = decided(here, app, at, decision)
    assert (end, result) == ("SUCCEEDED", output)
    assert steps.calls == calls
    (pause,) = pauses
    assert (pause.state, pause.at, pause.status) == ("Held", at, PauseStatus.WAITING)


def test_a_step_that_failed_waits_with_its_error(here: GateHere, app: App, steps: Steps) -> None:
    end, output, (pause,) = decided(here, app, "error", Decision(action="output", output={"n": 50}), n=12)
    assert (end, output) == ("SUCCEEDED", {"n": 51})
    assert pause.error is not None and pause.error.name == "ValueError"
    assert steps.calls == [12, 13, 50]


def test_a_failed_step_that_goes_on_fails_as_it_had(here: GateHere, app: App) -> None:
    end, _, (pause,) = decided(here, app, "error", Decision(action="go"), n=12)
    assert end == "ValueError"
    assert pause.output is None


def test_a_decision_to_step_stops_the_run_again(here: GateHere, app: App) -> None:
    _, output, pauses = decided(here, app, "before", Decision(action="go", step=True))
    assert [pause.state for pause in pauses] == ["Held", "Last"]
    assert output == {"n": 4}


def waiting(here: GateHere, app: App) -> tuple[Run, Pause]:
    """A run whose execution waits: the pause has a token."""
    run = here.start(app, "main", {"n": 1}, stop=(("Held", "before"),))
    with pytest.raises(GateFailure, match="stopped before Held") as stopped:
        here.attempt(run, "Held", {"n": 1}, step="work")
    pause = keep_pause(request(run, stopped.value.what), here.cloud.runs)
    return run, find_pause(here.cloud.runs, TENANT, run.id, pause)


def request(run: Run, message: str, token: str = "t") -> PauseRequest:
    cause = json.dumps({"errorMessage": message, "errorType": "Interlock.Paused", "stackTrace": []})
    return PauseRequest(run=run.execution, state="Held", cause=cause, token=token)


def test_a_pause_is_decided_once(here: GateHere, app: App) -> None:
    run, pause = waiting(here, app)
    with pytest.raises(Exception, match="(?i)token"):
        # Nobody waits for this token: what was decided stands all the same.
        decide(here.cloud.runs, TENANT, run.id, pause.id, Decision(action="go", by="me"))
    with pytest.raises(Conflict) as caught:
        decide(here.cloud.runs, TENANT, run.id, pause.id, Decision(action="output", output=1, by="you"))
    assert caught.value.code == "pause-taken"
    stored = find_pause(here.cloud.runs, TENANT, run.id, pause.id)
    assert stored.decision is not None and stored.decision.by == "me"


def test_a_token_that_comes_twice_is_kept_with_the_same_pause(here: GateHere, app: App) -> None:
    run, pause = waiting(here, app)
    again = request(run, paused_message(pause.id, "x"), token="newer")
    assert keep_pause(again, here.cloud.runs) == pause.id
    assert here.cloud.runs.token(pause) == "newer"
    assert here.cloud.runs.find(TENANT, run.id).item.open_pauses == 1


def test_a_token_after_the_decision_goes_on_at_once(here: GateHere, app: App) -> None:
    """The callback state was tried again, and the person had decided by the token before."""
    run, pause = waiting(here, app)
    with pytest.raises(Exception, match="(?i)token"):
        decide(here.cloud.runs, TENANT, run.id, pause.id, Decision(action="go", by="me"))
    with pytest.raises(Exception, match="(?i)token"):
        # Step Functions was called: no execution of this test waits for that token.
        keep_pause(request(run, paused_message(pause.id, "x"), token="newer"), here.cloud.runs)
    assert find_pause(here.cloud.runs, TENANT, run.id, pause.id).status is PauseStatus.DECIDED


@pytest.mark.parametrize("message", ["", "stopped before Held", "pause : x", "pause 01NOBODY: stopped", "pause a b: x"])
def test_a_cause_without_a_pause_of_the_run_keeps_no_token(here: GateHere, app: App, message: str) -> None:
    run, _ = waiting(here, app)
    with pytest.raises(NotFound):
        keep_pause(request(run, message), here.cloud.runs)


def test_a_pause_of_another_run_is_not_found(here: GateHere, app: App) -> None:
    _, pause = waiting(here, app)
    other = here.start(app, "main")
    with pytest.raises(NotFound):
        find_pause(here.cloud.runs, TENANT, other.id, pause.id)
    with pytest.raises(NotFound):
        decide(here.cloud.runs, "other", other.id, pause.id, Decision(action="go"))
