"""Fork jobs that meet: two at the same moment, and one that a person stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interlock.aws.tables.forks import Forks
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Stored
from interlock.contract.core.base import moment
from interlock.contract.core.failure import Conflict
from interlock.contract.core.page import PageRequest
from interlock.contract.fork import ForkClaim, ForkLink
from interlock.contract.fork_job import ForkJobStatus, ForkSkip
from interlock.contract.run import Run, RunStatus
from interlock.contract.start_message import StartMessage, run_of
from interlock.control.runs import bulk_fork as module
from interlock.control.runs.bulk_fork import (
    list_fork_jobs,
    serve_bulk_fork,
    show_fork_job,
    stop_fork_job,
)
from interlock.control.runs.fork import ForkContext
from tests.support.cloud import TENANT, Cloud
from tests.support.fork_jobs import MANY, begin, child, copies, done, served, skips
from tests.support.forks import RUN, failed_run
from tests.support.records import received


@pytest.fixture
def forker(cloud: Cloud) -> ForkContext:
    """Works with a tenant that has one failed run."""
    return failed_run(cloud)


class Interrupted(Runs):
    """Runs of which one read lets something else happen first, once."""

    def __init__(self, table: str, other: Callable[[], object]) -> None:
        """Call `other` before the first time that the forks of a run are read."""
        super().__init__(table)
        self.others = [other]

    def find_all(self, tenant: str, runs: Sequence[str]) -> tuple[Run, ...]:
        forks = super().find_all(tenant, runs)
        if self.others:
            self.others.pop()()
        return forks


def counted(cloud: Cloud, forker: ForkContext) -> StartMessage:
    """The message of a job that has counted its runs, and forked none."""
    begin(forker)
    (body,) = received(cloud.queue)
    message = StartMessage.model_validate_json(body)
    assert serve_bulk_fork(message, forker).status is ForkJobStatus.FORKING
    received(cloud.queue)
    return message


def test_jobs_at_the_same_moment_fork_a_run_once(cloud: Cloud, forker: ForkContext) -> None:
    first, second = counted(cloud, forker), counted(cloud, forker)
    # The whole page of the first job is served between two reads of the second one.
    runs = Interrupted(forker.runs.table.name, lambda: serve_bulk_fork(first, forker))
    late = serve_bulk_fork(second, replace(forker, runs=runs))
    early = show_fork_job(forker, TENANT, first.id)
    assert (early.forked, late.forked, skips(late)) == (1, 0, {RUN: ForkSkip.UNDER_WAY})
    assert [row.trigger for row in served(cloud, forker)] == [f"fork:{RUN}"]


def test_fork_noted_while_forks_are_read_is_seen(cloud: Cloud, forker: ForkContext) -> None:
    message, forks = counted(cloud, forker), Forks(cloud.runs.table)
    forks.write_fork_claim(TENANT, RUN, Stored(item=ForkClaim(fork="elsewhere", at=moment(datetime.now(UTC)))))
    link = ForkLink(run="elsewhere", dry=False, at=moment(datetime.now(UTC)))
    runs = Interrupted(forker.runs.table.name, lambda: forks.link(TENANT, RUN, link))
    assert skips(serve_bulk_fork(message, replace(forker, runs=runs))) == {RUN: ForkSkip.UNDER_WAY}


@pytest.mark.parametrize(("age", "forked"), [(timedelta(), 0), (module.CLAIM, 1)])
def test_claim_without_a_fork_holds_for_an_hour(cloud: Cloud, forker: ForkContext, age: timedelta, forked: int) -> None:
    claim = ForkClaim(fork="elsewhere", at=moment(datetime.now(UTC) - age))
    Forks(cloud.runs.table).write_fork_claim(TENANT, RUN, Stored(item=claim))
    job, forks = done(cloud, forker)
    assert (job.forked, len(forks)) == (forked, forked)
    assert done(cloud, forker, fork={"dry": True, "at": "Two"}, filter={"state": "Two"})[0].total == job.total


def test_run_whose_fork_failed_is_claimed_again(cloud: Cloud, forker: ForkContext) -> None:
    job, (fork,) = done(cloud, forker)
    child(cloud, RUN, RunStatus.FAILED, run_of(fork))
    again, forks = done(cloud, forker)
    assert (again.forked, len(forks)) == (1, 1) and again.id != job.id


def test_refused_fork_gives_its_claim_back(cloud: Cloud, forker: ForkContext) -> None:
    assert done(cloud, forker, fork={"at": "Nowhere"})[0].failed == 1
    assert done(cloud, forker)[0].forked == 1


def test_stopped_job_forks_no_further_run(cloud: Cloud, forker: ForkContext) -> None:
    copies(cloud, MANY)
    message = counted(cloud, forker)
    # It is stopped while a page is served: what that page forked is in the job.
    runs = Interrupted(forker.runs.table.name, lambda: stop_fork_job(forker, TENANT, message.id, "me"))
    job = serve_bulk_fork(message, replace(forker, runs=runs))
    assert job == show_fork_job(forker, TENANT, message.id)
    assert (job.status, job.stopped_by, job.forked) == (ForkJobStatus.STOPPED, "me", module.FORK_PAGE) and job.ended
    assert len(job.waiting) == MANY + 1 - module.FORK_PAGE
    assert len(served(cloud, forker)) == module.FORK_PAGE
    assert serve_bulk_fork(message, forker) == stop_fork_job(forker, TENANT, message.id, "you") == job
    assert served(cloud, forker) == []


def test_job_that_is_done_is_not_stopped(cloud: Cloud, forker: ForkContext) -> None:
    job, _ = done(cloud, forker)
    with pytest.raises(Conflict) as refused:
        stop_fork_job(forker, TENANT, job.id, "me")
    assert refused.value.code == "fork-job-done"
    stopped = begin(forker, key="k")
    stop_fork_job(forker, TENANT, stopped.id, "me")
    received(cloud.queue)
    assert begin(forker, key="k").status is ForkJobStatus.STOPPED and received(cloud.queue) == []


def test_jobs_are_listed_newest_first_page_by_page(cloud: Cloud, forker: ForkContext) -> None:
    jobs = [begin(forker, limit=number).id for number in (1, 2, 3)]
    page = list_fork_jobs(forker, TENANT, PageRequest(2, None))
    rest = list_fork_jobs(forker, TENANT, PageRequest(2, page.cursor))
    assert [job.id for job in (*page.jobs, *rest.jobs)] == jobs[::-1]
    assert [job.request.limit for job in page.jobs] == [3, 2]
    assert list_fork_jobs(forker, "other", PageRequest(2, None)).jobs == ()
