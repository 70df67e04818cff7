"""Recorded runs: from the platform page by page, or from an imported file."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interlock.cli.terminal.options import as_tenant
from interlock.cli.terminal.profiles import load
from interlock.contract.core.failure import NotFound
from interlock.contract.run import Run, StepRecord
from interlock.local.home import home
from interlock.local.imported import PREFIX, ImportedRun, find_imported

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.diff import RunDiff


@dataclass(frozen=True)
class Recorded:
    """A run with its step records; bodies and effects are in place."""

    run: Run
    steps: Sequence[StepRecord]


def imported(run: str) -> ImportedRun | None:
    """The imported run that `imported:RUN` names; None for an id alone, which is a run of the platform.

    Where nobody is signed in to a platform, an id alone can only be an imported run.

    Raises:
        NotFound: no such run was imported here.
    """
    if not run.startswith(PREFIX):
        return None if load().profiles else find_imported(home().root, run)
    file = find_imported(home().root, run.removeprefix(PREFIX))
    if file is None:
        what = f"{run} was not imported here"
        raise NotFound(what, where=run, code="not-imported", next_step="interlock run import FILE")
    return file


def recorded(run: str, profile: str | None, tenant: str) -> Recorded:
    """A whole run. `imported:RUN` is an imported one, which needs no platform.

    Raises:
        NotFound: there is no such run.
    """
    file = imported(run)
    return _of_file(file) if file else fetched(*as_tenant(profile, tenant), run)


def diff_recorded(a: str, b: str, profile: str | None, tenant: str) -> RunDiff:
    """How run `b` differs from run `a`. `imported:RUN` is an imported one, which needs no platform.

    Raises:
        NotFound: there is no such run.
    """
    from interlock.debugger.diff import diff_runs

    files = [imported(run) for run in (a, b)]
    if not any(files):
        client, owner = as_tenant(profile, tenant)
        return client.runs.diff(owner, a, other=b)
    with ThreadPoolExecutor(2) as pool:
        # The client signs in once, and only if the platform is called.
        client, owner = (None, "") if all(files) else as_tenant(profile, tenant)
        signed_in = client.signed_in() if client else None
        jobs = [
            pool.submit(fetched, signed_in, owner, run) if signed_in and file is None else file
            for run, file in zip((a, b), files, strict=True)
        ]
        one, other = (job.result() if isinstance(job, Future) else _of_file(job) for job in jobs)
    return diff_runs(one.run, one.steps, other.run, other.steps)


def diff_fork(client: Client, tenant: str, run: str, fork: str) -> RunDiff:
    """How a fork of another version differs from its parent, without what was changed on purpose."""
    return client.runs.diff(tenant, run, other=fork, whole=False)


def fetched(client: Client, tenant: str, run: str) -> Recorded:
    """A whole run of the platform."""
    whole_run = client.runs.get(tenant, run, whole=True)
    return Recorded(whole_run, tuple(client.recorded_steps.iterate(tenant, run, whole=True)))


def first_and_last(
    client: Client, tenant: str, run: str, count: int, *, whole: bool
) -> tuple[Sequence[StepRecord], Sequence[StepRecord]]:
    """The first `count` step records and the last ones; all are the first ones up to twice as many."""
    page = client.recorded_steps.list(tenant, run, whole=whole, limit=2 * count)
    if not page.cursor:
        return page.steps, ()
    last = client.recorded_steps.list(tenant, run, whole=whole, limit=count, newest=True).steps
    return page.steps[:count], last[::-1]


def _of_file(file: ImportedRun | None) -> Recorded:
    assert file is not None
    return Recorded(file.run, file.steps)
