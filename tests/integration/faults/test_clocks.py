"""What the clocks do, and decisions that they tell again, disturbed at each of their calls to AWS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.pause_timers import pause_timers
from interlock.aws.tables.registry import tenant_item
from interlock.aws.tables.table import Key
from interlock.aws.tables.timers import Kind, Timer
from interlock.aws.tables.usage import BUDGETS, UsageRecords
from interlock.contract.approval import AskRequest
from interlock.contract.core.base import moment
from interlock.contract.core.failure import Conflict
from interlock.contract.install import InstallRequest
from interlock.contract.registry import InstallStatus, Tenant
from interlock.contract.run import Body, Decision, Pause, PauseStatus, Run, RunStatus
from interlock.contract.usage import Budget
from interlock.control.installs.maintenance import maintain_installs
from interlock.control.pauses.approvals import ApprovalContext, ask, maintain_approvals
from interlock.control.pauses.pauses import maintain_pauses
from interlock.control.pauses.resume import PauseContext, decide_checked
from interlock.control.usage.metering import meter
from interlock.control.usage.report import yesterday
from interlock.control.usage.rollup import roll_up_usage
from tests.support.aws_faults import Case, disturb_everywhere, show
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.records import a_run, change, record

GO = Decision(action="go", by="me", step=True)
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:interlock-publish:"


def later(**span: float) -> str:
    return moment(datetime.now(UTC) + timedelta(**span))


def test_decision(cloud: Cloud, tokens: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    def prepare(word: str) -> Pause:
        cloud.runs.create(a_run("i", id=word, status=RunStatus.PAUSED, open_pauses=1))
        raw: dict[str, Any] = {"id": "p", "run": word, "tenant": TENANT, "state": "Only", "step": "one", "digest": "d"}
        raw |= {"at": "before", "status": PauseStatus.WAITING, "breakpoint": "b", "armed_by": "me", "since": AT}
        pause = Pause.model_validate(raw | {"input": Body()})
        cloud.runs.write_pause(pause, was=None, token=f"token {word}")
        return pause

    def again(pause: Pause) -> None:
        """The clock, and whoever decided, who had no answer."""
        maintain_pauses(cloud.runs, later(minutes=2))
        written = cloud.runs.pause(TENANT, pause.run, pause.id).status is PauseStatus.DECIDED
        assert f"token {pause.run}" in tokens or not written
        try:
            decide(pause)
        except Conflict as refused:
            assert refused.code == "pause-taken"

    def decide(pause: Pause) -> None:
        decide_checked(PauseContext(cloud.runs, "gate"), TENANT, pause.run, pause.id, GO)

    def look(pause: Pause) -> dict[str, Any]:
        return {
            "status": cloud.runs.pause(TENANT, pause.run, pause.id).status,
            "told": f"token {pause.run}" in tokens,
            "armed": [rule.id for rule in cloud.runs.find(TENANT, pause.run).item.breakpoints],
            "due": [timer.run for timer in pause_timers(cloud.runs.table.name).due(later(minutes=0))],
        }

    show(capsys, disturb_everywhere(Case("decide_checked, maintain_pauses", prepare, decide, look, again)))


def test_approvals(cloud: Cloud, tokens: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    desk = ApprovalContext(approvals=Approvals(cloud.runs.table.name), runs=cloud.runs)

    def prepare(word: str) -> str:
        fields = {"question": "Go?", "subject": f"acme/app@{word}", "execution": f"{EXECUTION}{word}", "state": "Ask"}
        raw = fields | {"entered": AT, "token": f"token {word}", "scope": f"tenant/{TENANT}"}
        return ask(desk, AskRequest.model_validate(raw)).id

    def act(_: str) -> None:
        maintain_approvals(desk, later(days=60))

    def look(approval: str) -> dict[str, Any]:
        stored = desk.approvals.find(f"tenant/{TENANT}", approval).item
        word = stored.execution.removeprefix(EXECUTION)
        due = [timer for timer in desk.approvals.agenda.due(later(days=90)) if timer.id == approval]
        return {"status": stored.status, "heard": stored.heard, "told": f"token {word}" in tokens, "due": due}

    show(capsys, disturb_everywhere(Case("maintain_approvals", prepare, act, look)))


@pytest.mark.parametrize("kind", ["resume", "delete"])
def test_installs(cloud: Cloud, kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    """The change begins, its own timer stays until it is over, and the due one goes."""
    listed(cloud)
    grant = ("catalog:read", "secret:key", "state")
    install = cloud.install(InstallRequest(app="acme/app", grant=grant)).id
    states = client("stepfunctions")
    fields = {"resume": {"status": InstallStatus.REMOVING}, "delete": {"status": InstallStatus.REMOVED}}[kind]

    def executions() -> int:
        return len(states.list_executions(stateMachineArn=cloud.life.machines.uninstall)["executions"])

    before = {"number": 0}

    def prepare(word: str) -> str:
        for timer in cloud.life.agenda.due(later(days=1)):
            cloud.life.agenda.take(timer)
        change(cloud, install, **fields, receipt=None, delete_after=later(minutes=-1))
        cloud.life.agenda.put(Timer(kind=kind, tenant=TENANT, install=install, at=later(minutes=-1)))
        before["number"] = executions()
        return word

    def act(_: str) -> None:
        maintain_installs(cloud.life, later(minutes=0))

    def look(_: str) -> dict[str, Any]:
        due = list(cloud.life.agenda.due(later(minutes=0)))
        ahead = {timer.kind for timer in cloud.life.agenda.due(later(days=1))}
        deleting = cloud.registry.install(TENANT, install).item.receipt is not None
        return {"begun": executions() > before["number"], "due": due, "ahead": ahead, "deleting": deleting}

    show(capsys, disturb_everywhere(Case(f"maintain_installs, {kind}", prepare, act, look)))


def test_usage(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """A day is rolled up once, and the tenant is notified of each share, perhaps twice with the same id."""
    version, usages = listed(cloud), UsageRecords(cloud.runs.table.name)
    now = datetime.now(UTC)
    day = yesterday(now)

    for own in cloud.registry.tenants():
        cloud.registry.table.delete(tenant_item(own.id))

    def prepare(word: str) -> str:
        tenant = f"t-{word}"
        cloud.registry.create_tenant(Tenant(id=tenant, created=AT, status="active"))
        client("events").create_event_bus(Name=f"interlock-{tenant}")
        for number, at in enumerate((f"{day}T00:00:09.000Z", moment(now))):
            run: Run = a_run("i", number, tenant, ended=at, status=RunStatus.SUCCEEDED)
            client("dynamodb").put_item(**usages.put_with(run, meter(run, version, [record(run)])))
        usages.write_budget(tenant, Budget(dollars=0.0000001))
        return tenant

    def act(_: str) -> None:
        roll_up_usage(cloud.registry, usages, cloud.bucket, now)

    def look(tenant: str) -> dict[str, Any]:
        budget = usages.budget(tenant)
        rows = usages.rolled(tenant, day, day)
        assert budget is not None
        cloud.registry.table.delete(tenant_item(tenant))
        usages.table.delete(Key(pk=BUDGETS, sk=tenant))
        return {"rows": {key: len(some) for key, some in rows.items()}, "notified": budget.notified}

    show(capsys, disturb_everywhere(Case("roll_up_usage", prepare, act, look)))
