"""Each correction: with it the engine does as AWS does, without it (an engine of its own) it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interlock.local.engine.corrections import ALL
from tests.local.engine import flow_checks, service_checks, start_checks
from tests.support.engine_cloud import Cloud

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
        service_checks.tenancy,
        service_checks.trace,
        service_checks.uploads,
        flow_checks.retry_delay,
        flow_checks.context,
        flow_checks.limits,
        flow_checks.history,
        flow_checks.variables,
        service_checks.resources,
        start_checks.shared_files,
        start_checks.start_slots,
        start_checks.schedule_words,
        start_checks.item_threads,
        start_checks.query_pages,
    )
}


def test_every_correction_has_a_check() -> None:
    assert set(CHECKS) == {correction.name for correction in ALL}


@pytest.mark.parametrize("name", CHECKS)
def test_with_the_correction_it_does_as_aws(name: str, cloud: Cloud) -> None:
    CHECKS[name](cloud)


@pytest.mark.parametrize("name", CHECKS)
def test_without_the_correction_it_does_not(name: str, cloud_without: Callable[[str], Cloud]) -> None:
    other = cloud_without(name)
    with pytest.raises((AssertionError, KeyError, TypeError, ValueError)):
        CHECKS[name](other)
