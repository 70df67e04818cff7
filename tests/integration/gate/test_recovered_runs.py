"""A run that goes on in a new execution: records of the first one answer, an attempt without an end fails once."""

from __future__ import annotations

from typing import Any

import pytest

from interlock import Context
from interlock.contract.core.failure import GateError, StepFailure
from interlock.contract.run import RecordStatus, Run
from tests.support.cloud import AT, TENANT
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"
FLOW = {"StartAt": "A", "States": {"A": task("work", Next="B"), "B": task("work")}}
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


def recovered(here: GateHere, run: Run) -> Run:
    """The run in the execution that a restart gave it."""
    fields = {"execution": run.execution + "_r1", "recovered": 1}
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


def test_summary_is_recorded_and_served(here: GateHere) -> None:
    def says(value: Any, ctx: Context) -> Any:
        ctx.summary(f"{value['n']} columns")
        return value

    run = here.start(here.app(bundle(CODE, {"work": ""}, {"main": FLOW}), {"work": says}), "main")
    here.attempt(run, "A", {"n": 1}, step="work")
    here.attempt(recovered(here, run), "A", {"n": 1}, step="work", entered=LATER)
    assert [row.summary for row in here.records(run)] == ["1 columns"] * 2
