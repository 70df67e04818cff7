"""A decision that was written reaches the waiting state, whenever whoever decided was killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from interlock.aws.clients import client
from interlock.contract.core.base import moment
from interlock.contract.core.failure import Conflict, GateFailure
from interlock.contract.envelope import PauseRequest
from interlock.contract.run import Decision, Pause, PauseStatus
from interlock.control.pauses.pauses import find_pause, keep_pause, maintain_pauses
from interlock.control.pauses.resume import PauseContext, decide_checked
from tests.support.cloud import TENANT, Cloud
from tests.support.crashes import Killed, Killer, listening
from tests.support.gate import App, GateHere, gate_here
from tests.support.kit import bundle, single, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"
GO = Decision(action="go", by="me", step=True)


@pytest.fixture
def here(cloud: Cloud) -> Iterator[GateHere]:
    with gate_here(cloud) as gate:
        yield gate


@dataclass
class States:
    """The tokens by which states were let go on."""

    tokens: list[str] = field(default_factory=list[str])
    killer: Killer | None = None

    def heard(self, params: Any, model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        """Answer a call in the engine's place; a killer does not see calls that are answered before they are made."""
        if self.killer is not None:
            self.killer.heard(model)
        self.tokens.append(json.loads(params["body"])["taskToken"])
        return AWSResponse("", 200, HTTPHeaders(), None), {}


@pytest.fixture
def states() -> Iterator[States]:
    subject = States()
    events = client("stepfunctions").meta.events
    events.register_first("before-call.sfn.SendTaskSuccess", subject.heard)
    yield subject
    events.unregister("before-call.sfn.SendTaskSuccess", subject.heard)


@pytest.fixture
def app(here: GateHere) -> App:
    def work(value: Any) -> Any:
        return value

    return here.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}), {"work": work})


def waiting(here: GateHere, app: App) -> Pause:
    run = here.start(app, "main", {}, stop=(("Only", "before"),))
    with pytest.raises(GateFailure, match="stopped before Only") as stopped:
        here.attempt(run, "Only", {}, step="work")
    cause = json.dumps({"errorMessage": stopped.value.what, "errorType": "Interlock.Paused", "stackTrace": []})
    request = PauseRequest(run=run.execution, state="Only", cause=cause, token=f"token of {run.id}")
    return find_pause(here.cloud.runs, TENANT, run.id, keep_pause(request, here.cloud.runs))


def later() -> str:
    return moment(datetime.now(UTC) + timedelta(minutes=2))


def resume(here: GateHere, pause: Pause, decision: Decision = GO) -> Pause:
    return decide_checked(PauseContext(here.cloud.runs, "gate"), TENANT, pause.run, pause.id, decision)


def resumed(here: GateHere, pause: Pause, states: States, at: int = 0) -> list[str]:
    """Resume, and be killed before one of the calls; the calls."""
    with listening() as killer:
        killer.at, states.killer = at, killer
        try:
            resume(here, pause)
        except Killed:
            assert at
        states.killer = None
        return killer.calls


@pytest.mark.parametrize("by", ["a second call", "the clock"])
def test_decision_is_heard_after_a_kill_at_every_point(here: GateHere, app: App, states: States, by: str) -> None:
    calls = resumed(here, waiting(here, app), states)
    assert "SendTaskSuccess" in calls
    assert len(maintain_pauses(here.cloud.runs, later()).seen) == 1
    for point in range(2, len(calls) + 1):
        pause = waiting(here, app)
        states.tokens.clear()
        assert len(resumed(here, pause, states, point)) == point - 1
        written = find_pause(here.cloud.runs, TENANT, pause.run, pause.id).status is PauseStatus.DECIDED
        if by == "the clock":
            assert maintain_pauses(here.cloud.runs, later()).failed == ()
            assert bool(states.tokens) == written, calls[point - 1]
        else:
            assert resume(here, pause).status is PauseStatus.DECIDED
            assert states.tokens
        assert set(states.tokens) <= {f"token of {pause.run}"}
        if states.tokens:
            run = here.cloud.runs.find(TENANT, pause.run).item
            assert [rule.id for rule in run.breakpoints if rule.id == pause.id] == [pause.id]
        assert maintain_pauses(here.cloud.runs, later()).failed == ()
        assert maintain_pauses(here.cloud.runs, later()).seen == ()


def test_another_decision_is_refused_and_the_first_is_told(here: GateHere, app: App, states: States) -> None:
    pause = waiting(here, app)
    resume(here, pause)
    states.tokens.clear()
    for decision in (GO.model_copy(update={"by": "you"}), GO.model_copy(update={"step": False})):
        with pytest.raises(Conflict) as refused:
            resume(here, pause, decision)
        assert refused.value.code == "pause-taken"
    assert states.tokens == [f"token of {pause.run}"] * 2
