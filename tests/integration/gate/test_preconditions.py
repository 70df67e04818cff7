"""What the gate refuses before a step runs, and what it lets pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.tables.counters import Counters
from interlock.contract.core import limits
from interlock.contract.core.base import moment
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.registry import Publisher, SpillPlan, WorkflowPlan
from interlock.contract.run import Run
from interlock.control.apps.kill_switches import set_app_kill_switch, set_install_kill_switch, set_version_kill_switch
from interlock.control.gate.preconditions import max_records
from interlock.control.usage.admission import today
from tests.support.cloud import AT, TENANT
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, single, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"


def work(value: Any) -> Any:
    return value


@pytest.fixture
def app(here: GateHere) -> App:
    return here.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}), {"work": work})


def attempt(here: GateHere, run: Run, **fields: Any) -> str:
    """The error's name of an attempt; empty where it passed."""
    try:
        here.attempt(run, "Only", {}, step="work", **fields)
    except GateFailure as failure:
        return failure.name
    return ""


@pytest.mark.parametrize("what", ["install", "version", "app"])
def test_a_kill_switch_stops_and_lets_go_on(here: GateHere, app: App, what: str) -> None:
    run, registry = here.start(app, "main"), here.cloud.registry
    registry.create_publisher(Publisher(id="acme", created=AT))

    def switch(to: KillSwitch) -> None:
        match what:
            case "install":
                set_install_kill_switch(registry, TENANT, app.install, to)
            case "version":
                set_version_kill_switch(registry, app.id, "1.0.0", to)
            case _:
                set_app_kill_switch(registry, app.id, to)

    switch(KillSwitch(stopped="it deletes too much"))
    with pytest.raises(GateFailure, match="it deletes too much") as caught:
        here.attempt(run, "Only", {}, step="work")
    assert caught.value.name == GateError.STOPPED.value
    assert here.records(run) == []
    switch(KillSwitch())
    assert attempt(here, run) == ""


@pytest.mark.parametrize(
    ("age_s", "paused_s", "error"),
    [(50, 0, ""), (70, 0, GateError.DEADLINE.value), (70, 20, ""), (100, 30, GateError.DEADLINE.value)],
)
def test_the_deadline_counts_no_pauses(here: GateHere, app: App, age_s: int, paused_s: int, error: str) -> None:
    run = here.start(app, "main", deadline_s=60)
    begun = moment(datetime.now(UTC) - timedelta(seconds=age_s))
    fields = {"started": begun, "paused_ms": paused_s * 1000}
    here.cloud.runs.change(TENANT, run.id, lambda result: result.model_copy(update=fields))
    assert attempt(here, run) == error


@pytest.mark.parametrize("own", [True, False], ids=["the install's day", "the tenant's day"])
def test_a_spent_day_runs_no_step(here: GateHere, app: App, own: bool) -> None:
    run = here.start(app, "main")
    Counters("runs").close_day(TENANT, app.install if own else "", today())
    assert attempt(here, run) == GateError.QUOTA.value
    Counters("runs").close_day(TENANT, "another", "2020-01-01")


def test_the_spent_day_of_another_install_is_no_matter(here: GateHere, app: App) -> None:
    run = here.start(app, "main")
    Counters("runs").close_day(TENANT, "another", today())
    assert attempt(here, run) == ""


def test_a_full_history_is_remembered_on_the_run(here: GateHere, app: App) -> None:
    run = here.start(app, "main", history_full=True)
    with pytest.raises(GateFailure, match="Split the work|25000 events") as caught:
        here.attempt(run, "Only", {}, step="work")
    assert caught.value.name == GateError.HISTORY_FULL.value
    assert "emit an event" in caught.value.next_step


def test_an_attempt_without_an_end_interrupts_the_next_one_once(here: GateHere, app: App) -> None:
    run = here.start(app, "main")
    key_of_first = begun(here, run, retry=0)
    assert attempt(here, run, retry=1) == GateError.INTERRUPTED.value
    assert attempt(here, run, retry=2) == ""
    records = here.records(run)
    assert [row.attempt for row in records] == [0, 1, 2]
    assert records[1].error is not None and "attempt 0 began" in records[1].error.message
    assert key_of_first


def begun(here: GateHere, run: Run, retry: int) -> bool:
    """A delivery that began an attempt, and died before its step answered."""

    class Died(BaseException):
        pass

    def die() -> dict[str, Any]:
        raise Died

    here.instead = die
    with pytest.raises(Died):
        here.attempt(run, "Only", {}, step="work", retry=retry)
    here.instead = None
    return True


def plan(states: int, tasks: int) -> WorkflowPlan:
    return WorkflowPlan(name="w", machine="m", spill=SpillPlan(), states=states, tasks=tasks)


def test_other_states_leave_room_for_fewer_records() -> None:
    alone, many = max_records(plan(1, 1)), max_records(plan(10, 1))
    assert many < alone < limits.SFN_HISTORY_EVENTS / limits.EVENTS_PER_STEP
    assert max_records(plan(0, 0)) == alone
