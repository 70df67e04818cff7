"""Recorded runs: from the platform page by page, or from an imported file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interlock.cli.terminal.options import as_tenant
from interlock.cli.terminal.profiles import load
from interlock.contract.core.failure import NotFound
from interlock.contract.run import Outline, Run, StepRecord
from interlock.local.home import home
from interlock.local.imported import PREFIX, ImportedRun, find_imported

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.diff import RunDiff

MOST = 1_000
"""The most records that one call asks for."""
GAP = 20
"""So many records that nobody needs are fetched rather than asking once more."""


@dataclass(frozen=True)
class Recorded:
    """A run with its step records; bodies and effects are in place, or the records are outlines and `fill` fetches."""

    run: Run
    steps: Sequence[StepRecord]
    fill: Callable[[Sequence[StepRecord]], Sequence[StepRecord]] = list


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
    # An outline is compared with an outline only.
    read = fetched if any(files) else outlined
    with ThreadPoolExecutor(2) as pool:
        # The client signs in once, and only if the platform is called.
        client, owner = (None, "") if all(files) else as_tenant(profile, tenant)
        signed_in = client.signed_in() if client else None
        jobs = [
            pool.submit(read, signed_in, owner, run) if signed_in and file is None else file
            for run, file in zip((a, b), files, strict=True)
        ]
        one, other = (job.result() if isinstance(job, Future) else _of_file(job) for job in jobs)
    return diff_runs(one.run, one.steps, other.run, other.steps, fill=(one.fill, other.fill))


def diff_fork(client: Client, tenant: str, run: str, fork: str) -> RunDiff:
    """How a fork of another version differs from its parent, without what was changed on purpose."""
    from interlock.debugger.diff import diff_runs

    one, other = outlined(client, tenant, run), outlined(client, tenant, fork)
    return diff_runs(one.run, one.steps, other.run, other.steps, whole=False, fill=(one.fill, other.fill))


def outlined(client: Client, tenant: str, run: str) -> Recorded:
    """A run of the platform with the outlines of its records; `fill` fetches whole ones where they are needed."""
    whole_run = client.runs.get(tenant, run, whole=True)
    steps = list(client.recorded_steps.iterate_outlines(tenant, run))
    places = {step.key: number for number, step in enumerate(steps)}

    def fill(outlines: Sequence[StepRecord]) -> Sequence[StepRecord]:
        numbers = [places[step.key] for step in outlines if isinstance(step, Outline)]
        whole: dict[int, StepRecord] = {}
        for first, last in _spans(sorted(numbers)):
            after = steps[first - 1].key if first else None
            whole |= enumerate(_whole(client, tenant, run, after, last - first + 1), first)
        return [whole[number] for number in numbers]

    return Recorded(whole_run, steps, fill)


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


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of what is fetched at once."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number - spans[-1][1] <= GAP:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def _whole(client: Client, tenant: str, run: str, after: str | None, count: int) -> list[StepRecord]:
    rows: list[StepRecord] = []
    while len(rows) < count:
        limit = min(count - len(rows), MOST)
        page = client.recorded_steps.list(tenant, run, whole=True, limit=limit, cursor=after)
        rows.extend(page.steps)
        after = page.cursor
        if not after:
            break
    return rows
