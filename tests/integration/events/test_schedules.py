"""Times of schedules: served once, skipped or made up for by one run, never a burst."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.table import Stored
from interlock.contract.core.base import moment
from interlock.contract.dead_letter import DeadState
from interlock.contract.install import InstallRequest
from interlock.contract.run import Run
from interlock.contract.start_message import StartMessage
from interlock.control.events.schedules import list_schedules
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import TENANT, Cloud, listed, machine

SCHEDULE = "rate(10 minutes)"
TRIGGER = {"schedule": SCHEDULE, "timezone": "Europe/Berlin", "jitter": "5 minutes"}


@pytest.fixture
def starter(cloud: Cloud) -> StartContext:
    return StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )


def installed(cloud: Cloud, missed: str) -> str:
    triggers = [TRIGGER | {"missed": missed}, {"schedule": "at(2999-07-01T08:30:00)", "timezone": "Europe/Berlin"}]
    listed(cloud, workflows={"main": {"steps": ["one"], "triggers": triggers}})
    return cloud.install(InstallRequest(app="acme/app", grant=("catalog:read", "secret:key", "state"))).id


def at(minutes_ago: float) -> str:
    return moment(datetime.now(UTC) - timedelta(minutes=minutes_ago))


def due(install: str, when: str, missed: str, **more: Any) -> StartMessage:
    base = {"tenant": TENANT, "install": install, "workflow": "main", "trigger": f"schedule:{SCHEDULE}"}
    fields = {"kind": "schedule", "at": when, "missed": missed, "late_s": "1200"}
    return StartMessage.model_validate(base | fields | more)


def state(cloud: Cloud) -> Any:
    rows = list_schedules(cloud.registry, cloud.runs, TENANT).schedules
    return next(row for row in rows if row.schedule == SCHEDULE).state


def switch(cloud: Cloud, install: str, why: str) -> None:
    stored = cloud.registry.install(TENANT, install)
    cloud.registry.write_install(Stored(item=stored.item.model_copy(update={"stopped": why}), rev=stored.rev))


def test_the_scheduler_is_told_zone_window_and_how_long_to_try(cloud: Cloud) -> None:
    install = installed(cloud, "skip")
    names = cloud.registry.install(TENANT, install).item.schedules
    rows = [client("scheduler").get_schedule(Name=name, GroupName="interlock") for name in names]
    row = next(row for row in rows if row["ScheduleExpression"] == SCHEDULE)
    assert row["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert row["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    assert row["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 900 + 300
    once = next(row for row in list_schedules(cloud.registry, cloud.runs, TENANT).schedules if row.next)
    assert once.next == "2999-07-01T06:30:00.000Z"


def test_a_time_in_time_is_one_run_however_often_it_is_delivered(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud, "skip")
    message = due(install, at(1), "skip")
    first, second = start_run(message, starter), start_run(message, starter)
    assert first and second and first.id == second.id
    assert (state(cloud).run, state(cloud).skipped) == (first.id, 0)


def test_late_times_are_skipped_and_seen(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud, "skip")
    late = [due(install, at(minutes), "skip") for minutes in (60, 50, 40)]
    assert [start_run(message, starter) for message in [*late, late[-1]]] == [None] * 4
    assert (state(cloud).skipped, state(cloud).skipped_at, state(cloud).why) == (3, late[-1].at, "it was late")
    assert start_run(due(install, at(1), "skip"), starter)


def test_late_times_are_made_up_for_by_one_run(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud, "run_once")
    late = [due(install, at(minutes), "run_once") for minutes in (60, 50, 40)]
    runs = [run for message in [*late, *late] if isinstance(run := start_run(message, starter), Run)]
    assert len({run.id for run in runs}) == 1
    assert len(list(cloud.runs.page(TENANT, limit=10, cursor=None).rows)) == 1
    assert state(cloud).skipped >= 2
    assert start_run(due(install, at(0), "run_once"), starter), "the next time is a run of its own"


@pytest.mark.parametrize(("missed", "letters"), [("skip", 0), ("run_once", 1)])
def test_times_of_a_switched_off_install(cloud: Cloud, starter: StartContext, missed: str, letters: int) -> None:
    install = installed(cloud, missed)
    switch(cloud, install, "by hand")
    times = [due(install, at(minutes), missed) for minutes in (3, 2, 1)]
    assert [start_run(message, starter) for message in [*times, times[0]]] == [None] * 4
    result = DeadLetters(cloud.runs.table.name).page(TENANT, DeadState.DEAD, limit=10, cursor=None)
    assert len(result.rows) == letters
    switch(cloud, install, "")
    if letters:
        assert start_run(times[0].model_copy(update={"redriven": True, "at": at(300)}), starter), "redriven though late"
    assert start_run(due(install, at(0), missed), starter)
    assert state(cloud).owed == ""
