"""Admission: runs and starts find room or wait, and a day that is spent is closed."""

from __future__ import annotations

import pytest

from interlock.aws.tables.counters import Counters
from interlock.contract.core.base import today
from interlock.contract.core.failure import Throttled
from interlock.contract.quota import Quotas
from interlock.contract.registry import Tenant
from interlock.control.runs.start import StartContext, start_run
from interlock.control.usage.admission import (
    consume_step_time,
    defer_seconds,
    release_run,
    reserve_events,
    reserve_run,
    reserve_start,
)
from interlock.control.usage.quotas import set_install_quotas, set_tenant_quotas, show_quotas
from tests.support.cloud import AT, TENANT, Cloud, machine
from tests.support.records import DAY, a_run, message

OTHER = "neighbour"


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
