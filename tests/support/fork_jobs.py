"""Fork jobs in tests: failed runs to fork, and the queue that serves the jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from interlock.aws.tables.forks import Forks
from interlock.contract.core.base import moment
from interlock.contract.fork import ForkLink
from interlock.contract.fork_job import ForkJob, ForkJobRequest, ForkSkip
from interlock.contract.run import Fork, Run, RunStatus
from interlock.contract.start_message import FORK_JOB, StartMessage
from interlock.control.runs import bulk_fork as module
from interlock.control.runs.bulk_fork import (
    request_bulk_fork,
    serve_bulk_fork,
    show_fork_job,
)
from interlock.control.runs.fork import ForkContext
from tests.support.cloud import TENANT, Cloud
from tests.support.forks import LARGE, RUN, record
from tests.support.records import received

MANY = module.FORK_PAGE * 2 + 1
"""More than two pages."""


def copies(cloud: Cloud, number: int, **fields: Any) -> list[Run]:
    """Further failed runs like the first one."""
    first = cloud.runs.find(TENANT, RUN).item
    runs: list[Run] = []
    for index in range(number):
        at = moment(datetime.now(UTC) - timedelta(minutes=index + 1))
        update = {"id": f"copy{fields.get('app', '')[-3:]}{index}", "started": at, "ended": at}
        run = first.model_copy(update=update | fields)
        cloud.runs.create(run)
        for offset, (state, output) in enumerate({"One": LARGE, "Two": None}.items()):
            record(cloud, run, state, moment(datetime.fromisoformat(at) + timedelta(seconds=offset)), output)
        runs.append(run)
    return runs


def child(cloud: Cloud, parent: str, status: RunStatus, name: str = "child", *, dry: bool = False) -> Run:
    """A fork of a run, linked to it."""
    first = cloud.runs.find(TENANT, RUN).item
    fork = Fork(parent=parent, root=parent, dry=dry)
    run = first.model_copy(update={"id": name, "status": status, "fork": fork})
    cloud.runs.create(run)
    Forks(cloud.runs.table).link(TENANT, parent, ForkLink(run=name, dry=dry, at=run.started))
    return run


def request(**fields: Any) -> ForkJobRequest:
    return ForkJobRequest.model_validate(fields)


def begin(forker: ForkContext, **fields: Any) -> ForkJob:
    return request_bulk_fork(forker, TENANT, request(**fields), "me")


def served(cloud: Cloud, forker: ForkContext) -> list[StartMessage]:
    """Serve the messages of jobs until none is left; the forks that they sent."""
    forks: list[StartMessage] = []
    while bodies := received(cloud.queue):
        for message in map(StartMessage.model_validate_json, bodies):
            if message.kind == FORK_JOB:
                serve_bulk_fork(message, forker)
            else:
                forks.append(message)
    return forks


def done(cloud: Cloud, forker: ForkContext, **fields: Any) -> tuple[ForkJob, list[StartMessage]]:
    """A job once it is done, and the forks that it sent."""
    job = begin(forker, **fields)
    forks = served(cloud, forker)
    return show_fork_job(forker, TENANT, job.id), forks


def skips(job: ForkJob) -> dict[str, ForkSkip | None]:
    return {row.run: row.skip for row in job.rows if row.skip}
