"""A run that goes on in a new execution: records of the first one answer, an attempt without an end fails once."""

from __future__ import annotations

from typing import Any

import pytest

from interlock import Context
from interlock.contract.core.failure import GateError, StepFailure
from interlock.contract.platform_step import APPROVE
from interlock.contract.run import Decision, Pause, PauseStatus, RecordStatus, Run
from tests.support.cloud import AT, TENANT
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"
FLOW = {"StartAt": "A", "States": {"A": task("work", Next="B"), "B": task("work")}}
QUESTION = {"question": "Go on?", "approvers": ["admin"]}
LATER = AT.replace("00.000Z", "09.000Z")


class Steps:
    """Counts what runs."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def work(self, value: Any) -> Any:
        self.calls.append(value)
        return value


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def app(here: GateHere, steps: Steps) -> App:
    return here.app(bundle(CODE, {"work": ""}, {"main": FLOW}), {"work": steps.work})


def recovered(here: GateHere, run: Run, count: int = 1) -> Run:
    """The run in the execution that its restart of this number gave it."""
    fields = {"execution": f"{run.execution}_r{count}", "recovered": count}
    return here.cloud.runs.change(TENANT, run.id, lambda result: result.model_copy(update=fields))


def test_records_of_the_first_execution_answer(here: GateHere, app: App, steps: Steps) -> None:
    run = here.start(app, "main")
    assert here.attempt(run, "A", {"n": 1}, step="work") == {"n": 1}
    after = recovered(here, run)
    assert here.attempt(after, "A", {"n": 1}, step="work", entered=LATER) == {"n": 1}
    assert steps.calls == [{"n": 1}]
    served = next(row for row in here.records(run) if row.entered == LATER)
    assert served.reused
    # What was not done before is done now.
    assert here.attempt(after, "B", {"n": 1}, step="work", entered=LATER) == {"n": 1}
    assert len(steps.calls) == 2


def test_a_record_serves_one_visit(here: GateHere, app: App, steps: Steps) -> None:
    """A loop comes to a state again: the second time is not what the first one was."""
    run = here.start(app, "main")
    here.attempt(run, "A", {"n": 1}, step="work")
    after = recovered(here, run)
    for second in range(2):
        here.attempt(after, "A", {"n": 1}, step="work", entered=AT.replace("00.000Z", f"1{second}.000Z"))
    assert len(steps.calls) == 2


def test_an_attempt_without_an_end_fails_once_and_its_retry_runs(here: GateHere, app: App, steps: Steps) -> None:
    run = here.start(app, "main")

    class Stopped(BaseException):
        pass

    def stop() -> dict[str, Any]:
        raise Stopped

    here.instead = stop
    with pytest.raises(Stopped):
        here.attempt(run, "A", {}, step="work")
    here.instead = None
    after = recovered(here, run)
    with pytest.raises(StepFailure) as caught:
        here.attempt(after, "A", {}, step="work", entered=LATER)
    assert caught.value.name == GateError.INTERRUPTED.value
    assert steps.calls == []
    here.attempt(after, "A", {}, step="work", entered=LATER, retry=1)
    assert len(steps.calls) == 1
    assert [row.status for row in here.records(run)].count(RecordStatus.SUCCEEDED) == 1


def stopped(here: GateHere, run: Run, state: str, value: Any, **fields: Any) -> Pause:
    """The pause at which an attempt stops."""
    with pytest.raises(StepFailure) as caught:
        here.attempt(run, state, value, **fields)
    assert caught.value.name == GateError.PAUSED.value
    return next(row for row in here.cloud.runs.pauses(TENANT, run.id) if row.status is PauseStatus.WANTED)


def decided(here: GateHere, pause: Pause, action: str, **fields: Any) -> None:
    decision = Decision.model_validate({"action": action, "by": "bo", **fields})
    after = pause.model_copy(update={"status": PauseStatus.DECIDED, "decision": decision, "until": LATER})
    here.cloud.runs.write_pause(after, was=pause.status)


def second(number: int) -> str:
    return AT.replace("00.000Z", f"{10 + number}.000Z")


def test_an_answer_of_people_holds_over_every_restart(here: GateHere, app: App, steps: Steps) -> None:
    run = here.start(app, "main")
    pause = stopped(here, run, "Ask", QUESTION, step=APPROVE)
    decided(here, pause, "output", output={"approved": True, "at": AT})
    answer = here.attempt(run, "Ask", QUESTION, step=APPROVE, entered=second(0))
    here.attempt(run, "A", answer, step="work", entered=second(1))
    # The first restart ends before anything is recorded, the second one after the answer was served.
    assert recovered(here, run, 1)
    after = recovered(here, run, 2)
    assert here.attempt(after, "Ask", QUESTION, step=APPROVE, entered=second(2)) == answer
    for count in (3, 4):
        last = recovered(here, run, count)
        assert here.attempt(last, "Ask", QUESTION, step=APPROVE, entered=second(count * 2)) == answer
        assert here.attempt(last, "A", answer, step="work", entered=second(count * 2 + 1)) == answer
    assert len(steps.calls) == 1
    assert len(list(here.cloud.runs.pauses(TENANT, run.id))) == 1


def test_a_loop_asks_again_after_a_restart(here: GateHere, app: App) -> None:
    run = here.start(app, "main")
    decided(here, stopped(here, run, "Ask", QUESTION, step=APPROVE), "output", output={"approved": True})
    here.attempt(run, "Ask", QUESTION, step=APPROVE, entered=second(0))
    after = recovered(here, run)
    here.attempt(after, "Ask", QUESTION, step=APPROVE, entered=second(1))
    assert stopped(here, after, "Ask", QUESTION, step=APPROVE, entered=second(2)).status is PauseStatus.WANTED


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "cut"])
def test_a_skipped_step_is_not_run_after_a_restart(here: GateHere, app: App, steps: Steps, recorded: bool) -> None:
    run = here.start(app, "main", stop=(("A", "before"),))
    decided(here, stopped(here, run, "A", {"n": 1}, step="work"), "output", output={"n": 9})
    if recorded:
        assert here.attempt(run, "A", {"n": 1}, step="work", entered=second(0)) == {"n": 9}
    else:
        (pause,) = here.cloud.runs.pauses(TENANT, run.id)
        name = run.execution.rsplit(":", 1)[-1]
        taken = pause.model_copy(update={"status": PauseStatus.TAKEN, "taken_at": f"{name}#{second(0)}#0"})
        here.cloud.runs.write_pause(taken, was=PauseStatus.DECIDED)
    after = recovered(here, run)
    assert here.attempt(after, "A", {"n": 1}, step="work", entered=second(1)) == {"n": 9}
    assert steps.calls == []


def test_what_ran_again_after_a_pause_is_what_counts(here: GateHere, app: App, steps: Steps) -> None:
    run = here.start(app, "main", stop=(("A", "after"),))
    decided(here, stopped(here, run, "A", {"n": 1}, step="work"), "output", output={"n": 9})
    here.attempt(run, "A", {"n": 1}, step="work", entered=second(0))
    after = recovered(here, run)
    assert here.attempt(after, "A", {"n": 1}, step="work", entered=second(1)) == {"n": 9}
    assert len(steps.calls) == 1


def test_summary_is_recorded_and_served(here: GateHere) -> None:
    def says(value: Any, ctx: Context) -> Any:
        ctx.summary(f"{value['n']} columns")
        return value

    run = here.start(here.app(bundle(CODE, {"work": ""}, {"main": FLOW}), {"work": says}), "main")
    here.attempt(run, "A", {"n": 1}, step="work")
    here.attempt(recovered(here, run), "A", {"n": 1}, step="work", entered=LATER)
    assert [row.summary for row in here.records(run)] == ["1 columns"] * 2
