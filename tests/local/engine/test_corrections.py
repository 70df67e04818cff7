"""Each correction: with it the engine does as AWS does, without it (on another engine) it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from interlock.local.engine.corrections import ALL
from tests.local.engine import durable_checks, flow_checks, loop_checks, service_checks, start_checks
from tests.support.engine_cloud import Cloud, running

CHECKS: dict[str, Callable[[Cloud], None]] = {
    check.__name__.removesuffix("_"): check
    for check in (
        service_checks.errors,
        service_checks.logging_,
        service_checks.environment,
        service_checks.log_wait,
        service_checks.cold_start,
        flow_checks.start_sleep,
        flow_checks.parallel,
        flow_checks.callback_failure,
        service_checks.root_key,
        service_checks.root_signature,
        service_checks.admin,
        service_checks.hosts,
        service_checks.headers,
        service_checks.tenancy,
        service_checks.trace,
        service_checks.uploads,
        flow_checks.retry_delay,
        flow_checks.context,
        flow_checks.limits,
        flow_checks.history,
        flow_checks.evaluator,
        service_checks.resources,
        start_checks.shared_files,
        start_checks.start_slots,
        start_checks.schedule_words,
        start_checks.item_threads,
        start_checks.query_pages,
        service_checks.log_pages,
        flow_checks.unserved,
        service_checks.fair_queues,
        service_checks.lost_messages,
        flow_checks.throttles,
        service_checks.absent_keys,
        loop_checks.lineage,
        durable_checks.journal,
        durable_checks.stopping,
        durable_checks.line,
        durable_checks.orphans,
    )
}


TOGETHER = (
    ("errors", "start_sleep", "root_key", "query_pages", "schedule_words", "log_pages", "headers", "fair_queues"),
    ("logging", "parallel", "root_signature", "resources", "shared_files", "unserved", "throttles"),
    ("environment", "retry_delay", "admin", "tenancy", "limits", "absent_keys", "lineage", "journal"),
    ("log_wait", "callback_failure", "trace", "context", "start_slots", "line", "orphans", "lost_messages"),
    ("cold_start", "history", "uploads", "evaluator", "item_threads", "hosts", "stopping"),
)
"""Corrections that are off in one engine. None is in the way of another one's check: each check of a row passes where
the other corrections of its row are off, which was tried once for each of them."""


def test_every_correction_has_a_check() -> None:
    every = {correction.name for correction in ALL}
    assert set(CHECKS) == every
    assert sorted(name for row in TOGETHER for name in row) == sorted(every)


@pytest.mark.parametrize("name", CHECKS)
def test_with_the_correction_it_does_as_aws(name: str, cloud: Cloud) -> None:
    CHECKS[name](cloud)


@pytest.fixture(scope="module")
def cloud_without(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An engine without some corrections."""
    off: tuple[str, ...] = request.param
    yield from running(tmp_path_factory.mktemp(off[0]), off)


@pytest.mark.parametrize(
    ("cloud_without", "name"),
    [(row, name) for row in TOGETHER for name in row],
    indirect=["cloud_without"],
    ids=lambda value: value if isinstance(value, str) else "",
    scope="module",
)
def test_without_the_correction_it_does_not(cloud_without: Cloud, name: str) -> None:
    with pytest.raises((AssertionError, KeyError, TypeError, ValueError)):
        CHECKS[name](cloud_without)
