"""`interlock run fork --all` and `interlock run fork-job …`: fork jobs of the platform.

A job is counted first, confirmed, then followed to its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Limit, Tenant, as_tenant
from interlock.cli.terminal.people import NameOf, names_of
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.core.names import ulid

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.fork_job import ForkJob, ForkJobRequest, ForkJobRow, ForkJobSummary

app = typer.Typer()
COLUMNS = ("job", "status", "runs", "forked", "skipped", "refused", "started", "by", "filter")
WAIT_SECONDS = 86_400
SKIPS = {
    "redriven": "already redriven well",
    "under-way": "with a fork that is not over",
    "dry": "dry",
    "fork": "forks of other matching runs",
}


def fork_all(client: Client, tenant: str, request: ForkJobRequest, *, yes: bool, machine: bool) -> None:
    """Count the runs, ask, fork them and report; the exit code is 1 if a fork was refused.

    Raises:
        NotFound: no failed run matches.
        BadRequest: nobody confirmed it; no run was forked.
    """
    count = client.fork_jobs.create(tenant, request.model_copy(update={"count_only": True}))
    count = _follow(client, tenant, count, quiet=True)
    if not count.total:
        raise NotFound(
            "no failed run matches the filters",
            where="--all",
            code="no-run-matches",
            next_step="See what failed: interlock run list --status failed",
        )
    if not count.waiting:
        render.answer(count, lambda: render.line(_counts(count)), machine=machine)
        return
    if not machine:
        render.note(_counts(count))
    question = f"Fork {len(count.waiting)} runs?"
    if not yes and (machine or not render.is_terminal() or not render.confirm(question)):
        raise BadRequest(
            f"the bulk fork is not confirmed: {_counts(count)}", where="--all", next_step="Confirm it with --yes."
        )
    # A key of its own: a request that the network repeats begins one job.
    job = client.fork_jobs.create(tenant, request.model_copy(update={"key": ulid()}))
    job = _follow(client, tenant, job, quiet=machine)
    render.answer(job, lambda: _print(job), machine=machine)
    if job.failed:
        raise typer.Exit(render.REFUSED)


@app.command("list")
def list_(limit: Limit = 50, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List fork jobs with their counts, newest first."""
    client, tenant = as_tenant(profile, tenant)
    jobs = list(client.fork_jobs.iterate(tenant, most=limit))
    name_of = names_of(client, tenant)
    empty = "There are no fork jobs. Begin one: interlock run fork --all"
    render.answer(jobs, lambda: render.table(COLUMNS, (_summary(job, name_of) for job in jobs), empty), machine=machine)


@app.command("show")
def show(job: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show a fork job: what became of each run."""
    client, tenant = as_tenant(profile, tenant)
    shown = client.fork_jobs.get(tenant, job)
    render.answer(shown, lambda: _print(shown), machine=machine)


@app.command("stop")
def stop(job: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Stop a fork job. It forks no further run; the forks that it requested go on."""
    client, tenant = as_tenant(profile, tenant)
    stopped = client.fork_jobs.stop(tenant, job)
    render.answer(stopped, lambda: render.line(_ending(stopped)), machine=machine)


def _follow(client: Client, tenant: str, begun: ForkJob, *, quiet: bool) -> ForkJob:
    """The job once it is done; a line is printed each time that it made progress."""
    printed: list[int] = []

    def ask() -> ForkJob | None:
        job = client.fork_jobs.get(tenant, begun.id)
        done = job.forked + job.failed + sum(job.skipped.values())
        if not quiet and job.status.value == "forking" and printed != [done]:
            printed[:] = [done]
            render.note(f"{done} of {job.total} runs: {job.forked} forked, {job.failed} refused")
        return job if job.status.value in ("done", "stopped") else None

    step = "If it stopped: interlock event dead list"
    return until(ask, seconds=WAIT_SECONDS, what=f"the end of fork job {begun.id}", next_step=step)


def _counts(job: ForkJob) -> str:
    skipped = [f"{number} {SKIPS.get(reason, reason)}" for reason, number in sorted(job.skipped.items())]
    skips = f", {sum(job.skipped.values())} are skipped ({', '.join(skipped)})" if skipped else ""
    more = "; more runs match than the limit takes" if job.more else ""
    return f"{job.total} failed runs match{skips}, {len(job.waiting)} can be forked{more}."


def _print(job: ForkJob) -> None:
    render.table(("run", "fork", "answer"), (_cells(row) for row in job.rows), "No run matches.")
    render.line(_ending(job))


def _ending(job: ForkJob) -> str:
    skipped = sum(job.skipped.values())
    left = f", {len(job.waiting)} left" if job.waiting else ""
    status = "" if job.status.value == "done" else f" is {job.status.value}"
    return f"Fork job {job.id}{status}: {job.forked} forked, {skipped} skipped, {job.failed} refused{left}."


def _summary(job: ForkJobSummary, name_of: NameOf) -> list[object]:
    chosen = ", ".join(f"{name}={text}" for name, text in job.request.filter.model_dump().items() if text)
    about = f"{chosen or 'every failed run'}{' (count only)' if job.request.count_only else ''}"
    counts = [job.total, job.forked, sum(job.skipped.values()), job.failed]
    return [job.id, render.styled(job.status.value), *counts, job.started, name_of(job.by), about]


def _cells(row: ForkJobRow) -> list[object]:
    if row.fork:
        return [row.run, row.fork, "accepted"]
    return [row.run, "-", f"skipped: {SKIPS.get(row.skip, row.skip)}" if row.skip else row.what or row.code]
