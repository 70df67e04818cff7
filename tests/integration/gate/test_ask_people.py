"""`${platform.approve}` at the gate: people are asked once, and a wrong question is an error of the step."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.table import Stored
from interlock.contract.approval import ApprovalError, ApprovalStatus, Verdict
from interlock.contract.core.failure import Conflict, GateError, NotFound, StepFailure, Unavailable
from interlock.contract.fork import CheckRequest
from interlock.contract.member import Caller
from interlock.contract.platform_step import APPROVE
from interlock.contract.registry import Membership, Role
from interlock.contract.run import Fork, PauseStatus, Run, RunStatus
from interlock.contract.stand_in import Decision, StandIns
from interlock.control.gate.check_value import check_value
from interlock.control.pauses.approvals import ApprovalContext, decide
from tests.support.cloud import TENANT
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, single, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"
ADMIN = Caller(principal="ada", memberships=(Membership(principal="ada", scope=f"tenant/{TENANT}", role=Role.ADMIN),))
QUESTION = {"question": "Delete the table?", "approvers": ["admin"]}


def typed(value: int) -> str:
    return str(value)


@pytest.fixture
def app(here: GateHere) -> App:
    ask = {"Type": "Task", "Resource": "${platform.approve}", "Parameters": QUESTION, "End": True}
    flows = {"main": single(ask), "work": single(task("work"))}
    return here.app(bundle(CODE, {"work": ""}, flows), {"work": typed})


def asked(here: GateHere, run: Run, value: Any, **fields: Any) -> str:
    """The error's name of an attempt to ask."""
    with pytest.raises(StepFailure) as caught:
        here.attempt(run, "Only", value, step=APPROVE, **fields)
    return caught.value.name


def test_people_are_asked_once_for_two_deliveries(here: GateHere, app: App) -> None:
    run = here.start(app, "main")
    for _ in range(2):
        assert asked(here, run, QUESTION, nonce="n") == GateError.PAUSED.value
    (pause,) = here.cloud.runs.pauses(TENANT, run.id)
    assert (pause.status, pause.state) == (PauseStatus.WANTED, "Only")
    approval = Approvals("runs").find(f"tenant/{TENANT}", pause.approval).item
    assert (approval.question, approval.run, approval.pause) == ("Delete the table?", run.id, pause.id)


def test_a_decision_before_the_run_waits_is_asked_for_again(here: GateHere, app: App) -> None:
    desk = ApprovalContext(approvals=Approvals("runs"), runs=here.cloud.runs)
    run = here.start(app, "main")
    asked(here, run, QUESTION)
    (pause,) = here.cloud.runs.pauses(TENANT, run.id)
    with pytest.raises(Unavailable, match="does not wait for this approval yet"):
        decide(desk, f"tenant/{TENANT}", pause.approval, Verdict(approve=True), ADMIN)
    here.cloud.runs.change(TENANT, run.id, lambda latest: latest.model_copy(update={"status": RunStatus.FAILED}))
    with pytest.raises(Conflict, match="does not wait for this approval$"):
        decide(desk, f"tenant/{TENANT}", pause.approval, Verdict(approve=True), ADMIN)
    assert Approvals("runs").find(f"tenant/{TENANT}", pause.approval).item.status is ApprovalStatus.WAITING


def test_another_entry_of_the_state_asks_again(here: GateHere, app: App) -> None:
    run = here.start(app, "main")
    for second in (1, 2):
        asked(here, run, QUESTION, entered=f"2026-01-01T00:00:0{second}.000Z")
    assert len(list(here.cloud.runs.pauses(TENANT, run.id))) == 2


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"question": ""},
        {"question": 3},
        {"question": "x", "deadline": 0},
        {"question": "x", "approvers": []},
        None,
        7,
    ],
)
def test_a_question_that_cannot_be_asked_is_bad_input(here: GateHere, app: App, value: Any) -> None:
    run = here.start(app, "main")
    assert asked(here, run, value) == GateError.BAD_INPUT.value
    (record,) = here.records(run)
    assert record.error is not None and record.error.name == GateError.BAD_INPUT.value
    assert list(here.cloud.runs.pauses(TENANT, run.id)) == []


def test_a_dry_fork_asks_nobody(here: GateHere, app: App) -> None:
    fork = Fork(parent="p", root="p", dry=True)
    run = here.start(app, "main", fork=fork)
    answer: Any = here.attempt(run, "Only", QUESTION, step=APPROVE)
    assert answer["by"].startswith("captured")
    assert list(here.cloud.runs.pauses(TENANT, run.id)) == []


@pytest.mark.parametrize(
    ("check", "value", "fits"), [("input", 3, True), ("input", "three", False), ("output", "x", True)]
)
def test_a_value_is_checked_by_the_steps_own_type(here: GateHere, app: App, check: Any, value: Any, fits: bool) -> None:
    request = CheckRequest(check=check, tenant=TENANT, app=app.id, version="1.0.0", step="work", value=value)
    error = check_value(request, here.gate).error
    assert (error is None) is fits
    assert error is None or error.name == GateError.BAD_INPUT.value


def test_a_step_that_is_not_there_cannot_check(here: GateHere, app: App) -> None:
    request = CheckRequest(check="input", tenant=TENANT, app=app.id, version="1.0.0", step="other", value=1)
    with pytest.raises(NotFound, match="no step other"):
        check_value(request, here.gate)


def furnish(here: GateHere, run: Run, **approvals: Decision) -> None:
    """Make the run's install one of a golden test."""
    stored = here.cloud.registry.install(TENANT, run.install)
    install = stored.item.model_copy(update={"stand_ins": StandIns(approvals=approvals)})
    here.cloud.registry.write_install(Stored(item=install, rev=stored.rev))


def test_golden_test_decides_at_once(here: GateHere, app: App) -> None:
    run = here.start(app, "main")
    furnish(here, run, Only="approve")
    answer = here.attempt(run, "Only", QUESTION, step=APPROVE)
    assert answer["approved"] is True
    assert list(here.cloud.runs.pauses(TENANT, run.id)) == []


@pytest.mark.parametrize(
    ("decisions", "error"),
    [({"Only": "reject"}, ApprovalError.REJECTED), ({"Other": "approve"}, ApprovalError.UNDECIDED)],
)
def test_golden_test_without_approval_ends_by_name(
    here: GateHere, app: App, decisions: dict[str, Decision], error: ApprovalError
) -> None:
    run = here.start(app, "main")
    furnish(here, run, **decisions)
    assert asked(here, run, QUESTION) == error.value
    assert list(here.cloud.runs.pauses(TENANT, run.id)) == []
