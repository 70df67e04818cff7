"""Quotas, usage, budgets and kill switches: a tenant that wants too much waits, its neighbours notice nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.counters import Counters
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core import names
from interlock.contract.core.base import today
from interlock.contract.core.failure import NotFound, Throttled
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.quota import Quotas
from interlock.contract.registry import SpillPlan, Tenant, WorkflowPlan
from interlock.contract.run import Body, RecordStatus, RunStatus, StepRecord
from interlock.contract.usage import Amount, Budget, UsageRow, as_csv, report
from interlock.control.apps.kill_switches import (
    app_stopped,
    set_app_kill_switch,
    set_install_kill_switch,
    set_version_kill_switch,
)
from interlock.control.runs.start import StartContext, start_run
from interlock.control.usage.admission import (
    consume_step_time,
    defer_seconds,
    release_run,
    reserve_events,
    reserve_run,
    reserve_start,
)
from interlock.control.usage.metering import meter
from interlock.control.usage.quotas import set_install_quotas, set_tenant_quotas, show_quotas
from interlock.control.usage.report import days_of, due_budgets, roll_up, tenant_usage
from interlock.control.usage.rollup import measure_storage, roll_up_usage
from tests.support.cloud import AT, TENANT, Cloud, listed, machine
from tests.support.installs import REQUEST
from tests.support.records import DAY, a_run, message

OTHER = "neighbour"


@pytest.fixture
def install(cloud: Cloud) -> str:
    listed(cloud)
    return cloud.install(REQUEST).id


def record(step: str, **words: Any) -> StepRecord:
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
    return StepRecord.model_validate(raw | words)


def test_runs_find_room_or_wait_and_neighbours_do_not(cloud: Cloud, install: str) -> None:
    whole = cloud.registry.tenant(TENANT)
    own = set_install_quotas(cloud.registry, TENANT, install, Quotas(concurrent_runs=2, starts_per_minute=100))
    for _ in range(2):
        reserve_run(cloud.runs, whole, own, counted=True)
    cloud.runs.create(a_run(install, 1))
    cloud.runs.create(a_run(install, 2))
    with pytest.raises(Throttled, match="2 runs of the install"):
        reserve_run(cloud.runs, whole, own, counted=True)
    neighbour = Tenant(id=OTHER, created=AT)
    reserve_run(cloud.runs, neighbour, own, counted=True)
    release_run(cloud.runs, a_run(install, 1))
    reserve_run(cloud.runs, whole, own, counted=True)


def test_a_place_that_a_crash_kept_is_found_again(cloud: Cloud, install: str) -> None:
    own = set_install_quotas(cloud.registry, TENANT, install, Quotas(concurrent_runs=1))
    whole = cloud.registry.tenant(TENANT)
    reserve_run(cloud.runs, whole, own, counted=False)
    # Whoever took it died before the run was written: nothing is under way.
    reserve_run(cloud.runs, whole, own, counted=False)
    assert Counters("runs").in_use(TENANT, DAY).runs == 1
    with pytest.raises(Throttled):
        reserve_run(cloud.runs, whole, own, counted=False)


def test_starts_and_events_have_a_limit_a_minute(cloud: Cloud, install: str) -> None:
    own = set_install_quotas(cloud.registry, TENANT, install, Quotas(starts_per_minute=3, events_per_minute=3))
    whole = set_tenant_quotas(cloud.registry, TENANT, Quotas(starts_per_minute=4))
    retry_after = 0.0
    for attempt in range(2):
        try:
            for _ in range(3):
                reserve_start(cloud.runs, whole, own)
            with pytest.raises(Throttled) as refused:
                reserve_start(cloud.runs, whole, own)
            retry_after = refused.value.retry_after
            break
        except Throttled:
            # A minute began between: it begins anew, once.
            assert attempt == 0
    assert 0 < retry_after <= 60
    for _ in range(3):
        reserve_events("runs", TENANT, install, 1, (100, 3))
    with pytest.raises(Throttled):
        reserve_events("runs", TENANT, install, 1, (100, 3))
    reserve_events("runs", OTHER, "other", 1, (100, 3))


def test_a_start_waits_longer_each_time_and_never_too_long() -> None:
    assert all(2 <= defer_seconds(0) <= 4 for _ in range(20))
    assert all(60 <= defer_seconds(40) <= 120 for _ in range(20))


def test_a_duplicate_gives_its_place_back(cloud: Cloud, install: str) -> None:
    starter = StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )
    for _ in range(3):
        assert start_run(message(install), starter)
    assert Counters("runs").in_use(TENANT, today()).runs == 1


def test_a_spent_day_is_closed(cloud: Cloud, install: str) -> None:
    from interlock.aws.tables.counters import day_key, is_spent

    own = set_install_quotas(cloud.registry, TENANT, install, Quotas(step_seconds_per_day=2))
    whole = cloud.registry.tenant(TENANT)
    over = a_run(install).model_copy(update={"usage": a_run(install).usage.model_copy(update={"step_ms": 1500.0})})
    for spent in (False, True):
        consume_step_time(cloud.runs, over, whole, own)
        row = cloud.runs.table.get(day_key(TENANT, today()))
        assert is_spent(row, install) is spent
        assert is_spent(row, "another") is False
    (line, mine) = show_quotas(cloud.registry, "runs", TENANT).lines
    assert (line.step_seconds_today, mine.step_seconds_today) == (3.0, 3.0)


def test_state_past_its_quota_stores_no_more(cloud: Cloud, install: str) -> None:
    key = names.state_prefix(TENANT, install)
    client("s3").put_object(Bucket=cloud.bucket, Key=f"{key}a", Body=b"x" * 100)
    set_install_quotas(cloud.registry, TENANT, install, Quotas(storage_bytes=50))
    assert measure_storage(cloud.registry, cloud.bucket, TENANT, 10_000) == 100
    assert cloud.registry.install(TENANT, install).item.full
    client("s3").delete_object(Bucket=cloud.bucket, Key=f"{key}a")
    assert measure_storage(cloud.registry, cloud.bucket, TENANT, 10_000) == 0
    assert not cloud.registry.install(TENANT, install).item.full


def test_a_run_is_metered_by_step(cloud: Cloud) -> None:
    version = listed(cloud).model_copy(
        update={"workflows": {"main": WorkflowPlan(name="main", machine="m", spill=SpillPlan(), states=5, tasks=2)}}
    )
    emit: dict[str, Any] = {"seq": 0, "kind": "emit", "op": "emit", "request": {}}
    rows = meter(a_run("i"), version, [record("one", effects=[emit]), record("one", reused="key")])
    found = {row.step: row.amount for row in rows}
    assert found["*"] == Amount(runs=1, transitions=3)
    # 256 MB for a second, and the gate's half GB for two; the reused attempt is the gate's alone.
    assert found["one"] == Amount(invocations=3, gb_seconds=0.25 + 1.0, transitions=2, bytes=30, events=1)
    assert found["one"].dollars == pytest.approx(3 * 2e-7 + 1.25 * 0.0000133334 + 2 * 0.000025)


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


def test_a_budget_is_told_once_a_share(cloud: Cloud) -> None:
    usages = UsageRecords("runs")
    now = datetime(2026, 1, 20, tzinfo=UTC)
    row = UsageRow(day=DAY, app="a/b", version="1.0.0", workflow="w", step="s", amount=Amount(transitions=100_000))
    usages.roll_up(TENANT, DAY, [row])
    usages.write_budget(TENANT, Budget(dollars=3.0))
    told = list(due_budgets(usages, now))
    assert [(detail.share, detail.spent) for detail in told] == [(50, 2.5), (80, 2.5)]
    assert list(due_budgets(usages, now)) == []
    assert report([row], "app").dollars == 2.5
    assert roll_up_usage(cloud.registry, usages, cloud.bucket, now) == 1


def test_kill_switches_stop_starts(cloud: Cloud, install: str) -> None:
    starter = StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )
    off, on = KillSwitch(stopped="it misbehaves"), KillSwitch()
    switches: tuple[Callable[[KillSwitch], object], ...] = (
        lambda to: set_install_kill_switch(cloud.registry, TENANT, install, to),
        lambda to: set_version_kill_switch(cloud.registry, "acme/app", "1.0.0", to),
        lambda to: _app(cloud.registry, to),
    )
    for number, switch in enumerate(switches):
        switch(off)
        assert start_run(message(install, id=f"off-{number}"), starter) is None
        switch(on)
        assert start_run(message(install, id=f"on-{number}"), starter) is not None
    assert app_stopped(cloud.registry, "acme/app") == ""


def _app(registry: Registry, switch: KillSwitch) -> None:
    try:
        set_app_kill_switch(registry, "acme/app", switch)
    except NotFound:
        from interlock.control.tenants.identities import create_publisher

        create_publisher(registry, "acme", "")
        set_app_kill_switch(registry, "acme/app", switch)
