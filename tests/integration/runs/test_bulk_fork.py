"""Fork jobs: counted first, forked page by page, each run once, and a run that was redriven well is skipped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from interlock.aws.services import queues
from interlock.aws.tables.forks import Forks
from interlock.aws.tables.table import Stored
from interlock.contract.core import limits
from interlock.contract.core.base import moment
from interlock.contract.core.failure import BadRequest, Conflict, NotFound, Undeliverable
from interlock.contract.fork import ForkLink, ForkRequest
from interlock.contract.fork_job import ForkJob, ForkJobStatus, ForkSkip
from interlock.contract.run import Failed, RunStatus
from interlock.contract.start_message import FORK_JOB, StartMessage, read_start, run_of
from interlock.control.events.record_dead_letter import record_refused
from interlock.control.runs import bulk_fork as module
from interlock.control.runs.bulk_fork import (
    serve_bulk_fork,
    show_fork_job,
)
from interlock.control.runs.fork import ForkContext
from tests.support.api import caller
from tests.support.cloud import TENANT, Cloud
from tests.support.fork_jobs import MANY, begin, child, copies, done, served, skips
from tests.support.forks import RUN, failed_run
from tests.support.records import received


@pytest.fixture
def forker(cloud: Cloud) -> ForkContext:
    """Works with a tenant that has one failed run."""
    return failed_run(cloud)


def message_of(job: ForkJob, tenant: str = TENANT) -> StartMessage:
    return StartMessage(tenant=tenant, install="", workflow="", trigger=FORK_JOB, kind=FORK_JOB, id=job.id)


def test_job_counts_first_then_forks_each_run(cloud: Cloud, forker: ForkContext) -> None:
    runs = {RUN, *(run.id for run in copies(cloud, MANY))}
    count, forks = done(cloud, forker, count_only=True)
    assert (count.status, count.total, count.forked, forks) == (ForkJobStatus.DONE, MANY + 1, 0, [])
    assert set(count.waiting) == runs
    job, forks = done(cloud, forker)
    assert (job.total, job.forked, job.failed, job.skipped, job.waiting) == (MANY + 1, MANY + 1, 0, {}, ())
    assert {row.run: row.fork for row in job.rows} == {
        message.trigger.removeprefix("fork:"): run_of(message) for message in forks
    }
    assert {row.run for row in job.rows} == runs and job.ended
    # The forks wait on the queue: a second job forks none of these runs.
    again, forks = done(cloud, forker)
    assert (again.forked, again.skipped, forks) == (0, {ForkSkip.UNDER_WAY: MANY + 1}, [])


def test_job_that_dies_in_a_page_forks_each_run_once(cloud: Cloud, forker: ForkContext) -> None:
    copies(cloud, MANY)
    begun = begin(forker)
    (body,) = received(cloud.queue)
    message = StartMessage.model_validate_json(body)
    serve_bulk_fork(message, forker)
    received(cloud.queue)
    stored = Stored(item=show_fork_job(forker, TENANT, begun.id), rev=2)
    assert stored.item.status is ForkJobStatus.FORKING
    # It sent the forks of the page, and died before it wrote its progress.
    lost = module.next_page(stored.item, forker)
    first = {run_of(StartMessage.model_validate_json(body)) for body in received(cloud.queue)}
    assert len(first) == lost.forked == module.FORK_PAGE
    serve_bulk_fork(message, forker)
    with pytest.raises(Conflict):
        module.ForkJobs(cloud.runs.table.name).write(Stored(item=lost, rev=stored.rev))
    later = [run_of(row) for row in served(cloud, forker)]
    job = show_fork_job(forker, TENANT, begun.id)
    assert (job.status, job.forked, job.failed, job.skipped) == (ForkJobStatus.DONE, MANY + 1, 0, {})
    assert len(later) == len(set(later)) == MANY + 1 - module.FORK_PAGE and not first & set(later)
    assert first | set(later) == {row.fork for row in job.rows}


def test_job_that_is_delivered_twice_forks_each_run_once(cloud: Cloud, forker: ForkContext) -> None:
    copies(cloud, MANY)
    begun = begin(forker, key="k")
    assert begin(forker, key="k").id == begun.id
    forks = [run_of(message) for message in served(cloud, forker)]
    assert len(set(forks)) == MANY + 1
    job = show_fork_job(forker, TENANT, begun.id)
    assert (job.forked, len(job.rows)) == (MANY + 1, MANY + 1)
    queues.send(cloud.queue, message_of(begun).model_dump_json(), begun.tenant)
    assert served(cloud, forker) == [] and show_fork_job(forker, TENANT, begun.id) == job
    with pytest.raises(Conflict) as refused:
        begin(forker, key="k", filter={"app": "acme/other"})
    assert refused.value.code == "fork-job-key"


def test_job_takes_only_failed_runs_of_its_filter(cloud: Cloud, forker: ForkContext) -> None:
    mine, *_ = copies(cloud, 1, tags=("nightly",), failed=Failed(error="x.Timeout", state="Two"))
    copies(cloud, 2, app="acme/two", status=RunStatus.SUCCEEDED)
    copies(cloud, 1, app="acme/abo", status=RunStatus.ABORTED)
    for chosen in ({"tag": "nightly"}, {"error": "Timeout"}, {"tag": "nightly", "app": "acme/app", "workflow": "main"}):
        count, _ = done(cloud, forker, filter=chosen, count_only=True)
        assert (count.total, count.waiting) == (1, (mine.id,)), chosen
    assert done(cloud, forker, filter={"state": "Nowhere"})[0].total == 0
    assert done(cloud, forker, filter={"until": "30s"}, count_only=True)[0].waiting == (mine.id,)
    assert done(cloud, forker, count_only=True)[0].total == 2


@pytest.mark.parametrize(
    ("status", "dry", "skip"),
    [
        (RunStatus.SUCCEEDED, False, ForkSkip.REDRIVEN),
        (RunStatus.RUNNING, False, ForkSkip.UNDER_WAY),
        (RunStatus.FAILED, False, None),
        (RunStatus.SUCCEEDED, True, None),
        (RunStatus.RUNNING, True, None),
    ],
)
def test_job_skips_what_was_redriven_well(
    cloud: Cloud, forker: ForkContext, status: RunStatus, dry: bool, skip: ForkSkip | None
) -> None:
    child(cloud, RUN, status, dry=dry)
    job, forks = done(cloud, forker)
    assert skips(job).get(RUN) is skip
    assert [message.trigger for message in forks] == ([] if skip else [f"fork:{RUN}"])


def test_job_forks_a_run_and_not_its_failed_forks(cloud: Cloud, forker: ForkContext) -> None:
    child(cloud, RUN, RunStatus.FAILED, "one")
    child(cloud, "one", RunStatus.FAILED, "two")
    child(cloud, RUN, RunStatus.FAILED, "dry", dry=True)
    job, forks = done(cloud, forker)
    assert skips(job) == {"one": ForkSkip.FORK, "two": ForkSkip.FORK, "dry": ForkSkip.DRY}
    assert [message.trigger for message in forks] == [f"fork:{RUN}"]


def test_job_skips_a_run_whose_forks_fork_succeeded(cloud: Cloud, forker: ForkContext) -> None:
    child(cloud, RUN, RunStatus.FAILED, "one")
    child(cloud, "one", RunStatus.SUCCEEDED, "two")
    assert skips(done(cloud, forker)[0]) == {RUN: ForkSkip.REDRIVEN, "one": ForkSkip.FORK}


def test_job_skips_a_run_redriven_since_the_count(cloud: Cloud, forker: ForkContext) -> None:
    begun = begin(forker)
    (body,) = received(cloud.queue)
    assert serve_bulk_fork(StartMessage.model_validate_json(body), forker).waiting == (RUN,)
    child(cloud, RUN, RunStatus.SUCCEEDED)
    assert served(cloud, forker) == []
    job = show_fork_job(forker, TENANT, begun.id)
    assert (job.status, job.skipped) == (ForkJobStatus.DONE, {ForkSkip.REDRIVEN: 1})


def test_fork_that_never_started_blocks_for_a_day(cloud: Cloud, forker: ForkContext) -> None:
    def link(age: timedelta) -> None:
        at = moment(datetime.now(UTC) - age)
        Forks(cloud.runs.table).link(TENANT, RUN, ForkLink(run="gone", dry=False, at=at))

    link(module.PENDING / 2)
    assert skips(done(cloud, forker, count_only=True)[0]) == {RUN: ForkSkip.UNDER_WAY}
    refused = StartMessage(tenant=TENANT, install="", workflow="", trigger=f"fork:{RUN}", kind="fork", id="k")
    record_refused(refused, Undeliverable("switched off"), cloud.runs, cloud.registry, cloud.bucket)
    Forks(cloud.runs.table).link(TENANT, RUN, ForkLink(run=run_of(refused), dry=False, at=moment(datetime.now(UTC))))
    link(module.PENDING * 2)
    assert done(cloud, forker, count_only=True)[0].waiting == (RUN,)


def test_limit_counts_forks_and_says_that_more_match(cloud: Cloud, forker: ForkContext) -> None:
    copies(cloud, 4)
    child(cloud, RUN, RunStatus.SUCCEEDED)
    job, forks = done(cloud, forker, limit=3)
    assert (job.forked, len(forks), job.skipped, job.more) == (3, 3, {ForkSkip.REDRIVEN: 1}, True)
    job, forks = done(cloud, forker, limit=3)
    assert (job.forked, len(forks), job.more) == (1, 1, False)


def test_refused_fork_is_listed_and_others_go_on(cloud: Cloud, forker: ForkContext) -> None:
    copies(cloud, 2)
    long_ago = moment(datetime.now(UTC) - timedelta(days=limits.RECORD_DAYS + 1))
    copies(cloud, 1, app="acme/old", id="old", started=long_ago, ended=long_ago)
    job, forks = done(cloud, forker)
    (row,) = [row for row in job.rows if row.code]
    assert (job.total, job.forked, job.failed, len(forks)) == (4, 3, 1, 3)
    assert (row.run, row.code) == ("old", "run-expired") and "deleted after" in row.what
    job, _ = done(cloud, forker, fork={"at": "Nowhere"}, filter={"app": "acme/old"})
    assert job.failed == 1
    job, _ = done(cloud, forker, fork={"version": "9.9.9"}, filter={"app": "acme/old"})
    assert job.failed == 1


def test_errors_beyond_their_limit_keep_their_code(cloud: Cloud, forker: ForkContext) -> None:
    job = show_fork_job(forker, TENANT, begin(forker).id)
    full = job.model_copy(
        update={"status": ForkJobStatus.FORKING, "waiting": ("gone",), "failed": limits.FORK_JOB_ERRORS}
    )
    (row,) = module.next_page(full, forker).rows
    assert (row.code, row.what) == ("not-found", "")


def test_largest_job_fits_into_an_item() -> None:
    rows = [
        {"run": "r" * 20, "code": "fork-unfaithful", "what": "\u4e00" * module.WHAT_CHARS}
        for _ in range(limits.FORK_JOB_ERRORS)
    ]
    rows += [{"run": "r" * 20, "fork": "f" * 20}] * (limits.FORK_JOB_RUNS - len(rows))
    raw: dict[str, Any] = {"id": "j", "tenant": TENANT, "until": "2026-01-01T00:00:00Z", "rows": rows, "request": {}}
    job = ForkJob.model_validate(raw | {"started": "2026-01-01T00:00:00Z"})
    assert len(job.model_dump_json().encode()) + limits.FORK_JOB_REQUEST_BYTES < 400_000


def test_platform_error_is_no_refusal_and_comes_again(cloud: Cloud, forker: ForkContext) -> None:
    begun = begin(forker, fork={"patch": {"n": 1}})
    (body,) = received(cloud.queue)
    message = StartMessage.model_validate_json(body)
    serve_bulk_fork(message, forker)
    before = show_fork_job(forker, TENANT, begun.id)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        serve_bulk_fork(message, forker)
    assert show_fork_job(forker, TENANT, begun.id) == before


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"filter": {"since": "1h", "until": "2h"}}, "filter.since"),
        ({"filter": {"since": "2999-01-01T00:00:00Z"}}, "filter.since"),
        ({"filter": {"since": "2026-13-99T00:00:00Z"}}, "since"),
        ({"filter": {"until": "soon"}}, "until"),
        ({"fork": {"whole": True}}, "whole"),
        ({"fork": {"key": "mine"}}, "fork.key"),
        ({"fork": {"patch": "x" * limits.FORK_JOB_REQUEST_BYTES}}, "fork"),
    ],
)
def test_job_of_nonsense_is_refused(cloud: Cloud, forker: ForkContext, fields: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRequest) as refused:
        begin(forker, **fields)
    assert refused.value.where == where and refused.value.next_step and received(cloud.queue) == []


def test_job_of_another_tenant_is_not_shown(cloud: Cloud, forker: ForkContext) -> None:
    job = begin(forker)
    with pytest.raises(NotFound) as refused:
        show_fork_job(forker, "other", job.id)
    assert refused.value.code == "unknown-fork-job"
    with pytest.raises(NotFound):
        serve_bulk_fork(message_of(job, "other"), forker)


def test_message_of_a_job_is_read_from_the_queue(cloud: Cloud, forker: ForkContext) -> None:
    begin(forker)
    (body,) = received(cloud.queue)
    message = read_start(body)
    assert message is not None and message.kind == FORK_JOB
    assert read_start(json.dumps(json.loads(body) | {"tenant": "../x"})) is None


def test_api_begins_and_shows_a_job(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    call, base = caller(cloud, monkeypatch), f"/v1/tenants/{TENANT}/fork-jobs"
    begun = call("POST", base, {"filter": {"app": "acme/app"}, "count_only": True, "key": "k"})
    assert (begun["status"], begun["body"]["status"]) == (202, "counting")
    shown = call("GET", f"{base}/{begun['body']['id']}")
    assert (shown["status"], shown["body"]) == (200, begun["body"])
    changes = call("GET", f"/v1/tenants/{TENANT}/audit")["body"]["changes"]
    assert [(row["action"], row["path"]) for row in changes] == [("debugRuns", base)]
    assert call("GET", f"{base}/{'a' * 20}")["status"] == 404
    listed = call("GET", base)["body"]["jobs"]
    assert [(row["id"], row["total"], "rows" in row) for row in listed] == [(begun["body"]["id"], 0, False)]
    stopped = call("POST", f"{base}/{begun['body']['id']}/stop")
    assert (stopped["status"], stopped["body"]["status"], stopped["body"]["stopped_by"]) == (200, "stopped", "me")
    for body in (
        {"filter": {"ap": "x"}},
        {"fork": {"att": "Two"}},
        {"limit": 0},
        {"limit": 1001},
        {"all": True},
        {"filter": {"tag": "x" * 201}},
    ):
        assert call("POST", base, body)["status"] == 400, body
    assert call("POST", base, {}, principal="nobody")["status"] == 403


def test_fork_of_a_job_has_the_words_of_its_request(cloud: Cloud, forker: ForkContext) -> None:
    job, (message,) = done(cloud, forker, fork={"at": "Two", "dry": True, "accept": ["fork.egress"]})
    assert message.fork is not None
    assert message.fork.request == ForkRequest(at="Two", dry=True, accept=("fork.egress",), key=job.id)
