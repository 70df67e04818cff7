"""Usage: metered by step, rolled up once, held against a budget."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.registry import SpillPlan, WorkflowPlan
from interlock.contract.run import Body, RecordStatus, RunStatus, StepRecord
from interlock.contract.usage import Amount, AppBy, Budget, UsageRow, as_csv, report
from interlock.control.usage.metering import meter
from interlock.control.usage.report import app_usage, days_of, note_notified, passed_shares, roll_up, tenant_usage
from interlock.control.usage.rollup import roll_up_usage
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.records import DAY, a_run


def record(step: str, **fields: Any) -> StepRecord:
    raw: dict[str, Any] = {
        "run": "r0",
        "execution": "x",
        "state": step,
        "step": step,
        "entered": AT,
        "digest": "",
        "status": RecordStatus.SUCCEEDED,
        "started": AT,
        "step_ms": 1000.0,
        "duration_ms": 2000.0,
        "input": Body(size=10),
        "output": Body(size=5),
    }
    return StepRecord.model_validate(raw | fields)


def test_a_run_is_metered_by_step(cloud: Cloud) -> None:
    version = listed(cloud).model_copy(
        update={"workflows": {"main": WorkflowPlan(name="main", machine="m", spill=SpillPlan(), states=5, tasks=2)}}
    )
    emit: dict[str, Any] = {"seq": 0, "kind": "emit", "op": "emit", "request": {}}
    rows = meter(a_run("i"), version, [record("one", effects=[emit]), record("one", reused="key")])
    result = {row.step: row.amount for row in rows}
    assert result["*"] == Amount(runs=1, transitions=3)
    # 256 MB for a second, and the gate's half GB for two; the reused attempt is the gate's alone.
    assert result["one"] == Amount(invocations=3, gb_seconds=0.25 + 1.0, transitions=2, bytes=30, events=1)
    assert result["one"].dollars == pytest.approx(3 * 2e-7 + 1.25 * 0.0000133334 + 2 * 0.000025)


def test_usage_is_rolled_up_once_and_the_same_from_both(cloud: Cloud) -> None:
    usages, version = UsageRecords("runs"), listed(cloud)
    for number in range(4):
        over = a_run("i", number, ended=f"{DAY}T00:00:09.000Z", status=RunStatus.SUCCEEDED)
        client("dynamodb").put_item(**usages.put_with(over, meter(over, version, [record("one")])))
        client("dynamodb").put_item(**usages.put_with(over, meter(over, version, [record("one")])))
    live = tenant_usage(usages, TENANT, DAY, DAY, "step")
    assert live.total.runs == 4
    assert roll_up(usages, TENANT, DAY) == roll_up(usages, TENANT, DAY) == 2
    for row in list(cloud.runs.table.query_all(f"USE#{TENANT}#{DAY}")):
        cloud.runs.table.delete(row.key)
    assert tenant_usage(usages, TENANT, DAY, DAY, "step") == live
    assert [row.app for row in tenant_usage(usages, TENANT, DAY, DAY, "day").rows] == ["*"]
    lines = as_csv(live).splitlines()
    assert lines[0].startswith("day,app,version,workflow,step,runs,invocations")
    assert len(lines) == 3
    assert len(days_of("2026-01-30", "2026-02-02")) == 4


def test_usage_by_install_is_hidden_from_publishers(cloud: Cloud) -> None:
    usages, version = UsageRecords("runs"), listed(cloud)
    for number, name in enumerate(("app", "west", "west")):
        fields = {"ended": f"{DAY}T00:00:09.000Z", "status": RunStatus.SUCCEEDED, "install_name": name}
        over = a_run(f"i-{name}", number, **fields)
        client("dynamodb").put_item(**usages.put_with(over, meter(over, version, [record("one")])))
    live = tenant_usage(usages, TENANT, DAY, DAY, "install")
    assert [(row.install, row.install_name, row.amount.runs) for row in live.rows] == [
        ("i-app", "app", 1),
        ("i-west", "west", 2),
    ]
    assert as_csv(live).splitlines()[-1].endswith(",i-west,west")
    assert roll_up(usages, TENANT, DAY) == 4
    assert tenant_usage(usages, TENANT, DAY, DAY, "install") == live
    (whole,) = tenant_usage(usages, TENANT, DAY, DAY, "app").rows
    assert (whole.install, whole.install_name, whole.amount.runs) == ("*", "*", 3)
    for by in get_args(AppBy):
        assert {row.install for row in app_usage(usages, version.app, DAY, DAY, by).rows} == {"*"}


def test_usage_from_before_installs_had_names_is_read() -> None:
    old = UsageRow.model_validate({"day": DAY, "app": "a/b", "version": "1.0.0", "workflow": "w", "step": "s"})
    (row,) = report([old], "install", [DAY]).rows
    assert (row.app, row.install, row.install_name) == ("a/b", "", "")


def test_a_budget_is_told_once_a_share(cloud: Cloud) -> None:
    usages = UsageRecords("runs")
    now = datetime(2026, 1, 20, tzinfo=UTC)
    row = UsageRow(day=DAY, app="a/b", version="1.0.0", workflow="w", step="s", amount=Amount(transitions=100_000))
    usages.roll_up(TENANT, DAY, [row])
    usages.write_budget(TENANT, Budget(dollars=3.0))
    (budget,) = usages.budgets()
    events = passed_shares(usages, *budget, now)
    assert [(detail.share, detail.spent) for detail in events] == [(50, 2.5), (80, 2.5)]
    note_notified(usages, *budget, events)
    assert passed_shares(usages, *next(iter(usages.budgets())), now) == ()
    priced = report([row], "app", [DAY, "2026-01-20"])
    assert (priced.dollars, [line.dollars for line in priced.rows]) == (2.5, [2.5])
    assert (priced.since, priced.until) == (DAY, "2026-01-20")
    assert roll_up_usage(cloud.registry, usages, cloud.bucket, now).seen == (TENANT,)
