"""Admission by quotas. A tenant or an install without room waits, or gets an error; other tenants are not affected."""

import random
from collections import Counter
from datetime import UTC, datetime

from interlock.aws.tables.counters import Counters
from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import today
from interlock.contract.core.failure import Throttled
from interlock.contract.quota import INSTALL_DEFAULT, TENANT_DEFAULT, Quotas
from interlock.contract.registry import Install, Tenant
from interlock.contract.run import Run

MINUTE_SECONDS = 60
FIRST_SECONDS, LONGEST_SECONDS = 4, 120
"""What a start waits at first, and at last, for room."""
MOST_DOUBLINGS = 5


def quotas_of(tenant: Tenant, install: Install | None = None) -> tuple[Quotas, Quotas]:
    """The figures of a tenant and of one of its installs."""
    own = install.quotas if install is not None and install.quotas is not None else INSTALL_DEFAULT
    return tenant.quotas or TENANT_DEFAULT, own


def reserve_run(runs: Runs, tenant: Tenant, install: Install, *, counted: bool) -> None:
    """Reserve a place for a run that is about to begin.

    Args:
        runs: where runs are.
        tenant: whose it is.
        install: which install's.
        counted: whether the start itself counts; one that the API took was counted there.

    Raises:
        Throttled: there is none; the start has to wait.
    """
    whole, own = quotas_of(tenant, install)
    counters = Counters(runs.table.name)
    if counted:
        _count_start(counters, tenant.id, install.id, whole, own)
    most = whole.concurrent_runs, own.concurrent_runs
    if counters.take(tenant.id, install.id, most):
        return
    if counters.may_recount(tenant.id):
        recount_runs(runs, tenant.id)
        if counters.take(tenant.id, install.id, most):
            return
    what = f"{own.concurrent_runs} runs of the install, or {whole.concurrent_runs} of the tenant, are not over"
    raise _throttled(what, install.id)


def recount_runs(runs: Runs, tenant: str) -> None:
    """Count a tenant's runs that are under way, and write that down."""
    Counters(runs.table.name).recount(tenant, dict(Counter(run.install for run in runs.under_way(tenant))))


def reserve_start(runs: Runs, tenant: Tenant, install: Install) -> None:
    """Count a requested start.

    Raises:
        Throttled: too many began within this minute.
    """
    _count_start(Counters(runs.table.name), tenant.id, install.id, *quotas_of(tenant, install))


def reserve_events(table: str, tenant: str, install: str, number: int, most: tuple[int, int]) -> None:
    """Count emitted events.

    Raises:
        Throttled: too many were emitted within this minute.
    """
    if not Counters(table).count(tenant, install, "events", number, most):
        raise _throttled(f"more than {most[1]} events of the sender, or {most[0]} of the tenant, a minute", install)


def release_run(runs: Runs, run: Run) -> None:
    """Release the place of a run that is over, or that did not begin."""
    Counters(runs.table.name).give(run.tenant, run.install)


def consume_step_time(runs: Runs, run: Run, tenant: Tenant, install: Install) -> None:
    """Count the step time of a run that is over.

    When the time of a day is used up, no further step runs on that day.
    """
    milliseconds = round(run.usage.step_ms)
    if not milliseconds:
        return
    whole, own = quotas_of(tenant, install)
    counters, day = Counters(runs.table.name), today()
    total, mine = counters.consume_step_time(run.tenant, run.install, day, milliseconds)
    if total >= whole.step_seconds_per_day * 1000:
        counters.close_day(run.tenant, "", day)
    if mine >= own.step_seconds_per_day * 1000:
        counters.close_day(run.tenant, run.install, day)


def defer_seconds(deferred: int) -> int:
    """How long a start without room waits, in seconds. The time grows with each try and varies at random."""
    longest = min(FIRST_SECONDS * 2 ** min(deferred, MOST_DOUBLINGS), LONGEST_SECONDS)
    return random.randint(longest // 2, longest)


def _count_start(counters: Counters, tenant: str, install: str, whole: Quotas, own: Quotas) -> None:
    most = whole.starts_per_minute, own.starts_per_minute
    if not counters.count(tenant, install, "starts", 1, most):
        raise _throttled(f"more than {most[1]} starts of the install, or {most[0]} of the tenant, a minute", install)


def _throttled(what: str, install: str) -> Throttled:
    left = MINUTE_SECONDS - datetime.now(UTC).second
    return Throttled(what, where=install, code="quota", next_step="interlock quota show", retry_after=left)
