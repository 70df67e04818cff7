"""Runs as commands read them: from the platform page by page, or from an imported file."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import as_tenant
from interlock.cli.terminal.profiles import home
from interlock.contract.diff import RunDiff
from interlock.contract.run import Outline, Run, StepRecord
from interlock.debugger.diff import diff_runs
from interlock.local.imported import ImportedRun, find_imported

MOST = 1_000
"""Records that one call asks for."""
GAP = 20
"""Records that are fetched though nobody asked for them, rather than asking once more."""
_OUTLINES = TypeAdapter(list[Outline])
_RECORDS = TypeAdapter(list[StepRecord])


@dataclass(frozen=True)
class Recorded:
    """A run with its step records; bodies and effects are in place, or the records are outlines and `fill` fetches."""

    run: Run
    steps: Sequence[StepRecord]
    fill: Callable[[Sequence[StepRecord]], Sequence[StepRecord]] = list


def recorded(run: str, profile: str | None, tenant: str) -> Recorded:
    """A whole run; an imported one is taken first, since it needs no platform.

    Raises:
        NotFound: there is no such run.
    """
    imported = find_imported(home().resolve(), run)
    return _imported(imported) if imported else fetched(*as_tenant(profile, tenant), run)


def diff_recorded(a: str, b: str, profile: str | None, tenant: str) -> RunDiff:
    """How run `b` differs from run `a`; an imported one is taken first, since it needs no platform.

    Raises:
        NotFound: there is no such run.
    """
    place = home().resolve()
    kept = [find_imported(place, run) for run in (a, b)]
    # An outline is compared with an outline only.
    read = fetched if any(kept) else outlined
    with ThreadPoolExecutor(2) as pool:
        # Whoever calls is signed in once, and only where the platform is asked.
        client, base = (None, "") if all(kept) else as_tenant(profile, tenant)
        jobs = [
            pool.submit(read, client.signed_in(), base, run) if client and imported is None else None
            for run, imported in zip((a, b), kept, strict=True)
        ]
        one, other = (job.result() if job else _imported(row) for job, row in zip(jobs, kept, strict=True))
    return diff_runs(one.run, one.steps, other.run, other.steps, fill=(one.fill, other.fill))


def diff_fork(client: Client, base: str, run: str, fork: str) -> RunDiff:
    """How a fork of another version differs from its parent: what was changed on purpose is no difference."""
    one, other = outlined(client, base, run), outlined(client, base, fork)
    return diff_runs(one.run, one.steps, other.run, other.steps, whole=False, fill=(one.fill, other.fill))


def _imported(found: ImportedRun | None) -> Recorded:
    assert found is not None
    return Recorded(found.run, found.steps)


def outlined(client: Client, base: str, run: str) -> Recorded:
    """A run of the platform with the outlines of its records; whole ones are fetched where they are asked for."""
    found = Run.model_validate(client.get(f"{base}/runs/{run}", whole="true"))
    steps: list[Outline] = []
    cursor: str | None = None
    while True:
        page = client.get(f"{base}/runs/{run}/outlines", cursor=cursor)
        steps.extend(_OUTLINES.validate_python(page["steps"]))
        cursor = page.get("cursor")
        if not cursor:
            break
    places = {step.key: number for number, step in enumerate(steps)}

    def fill(wanted: Sequence[StepRecord]) -> Sequence[StepRecord]:
        numbers = [places[step.key] for step in wanted if isinstance(step, Outline)]
        whole: dict[int, StepRecord] = {}
        for first, last in _spans(sorted(numbers)):
            after = steps[first - 1].key if first else None
            whole |= enumerate(_whole(client, f"{base}/runs/{run}/steps", after, last - first + 1), first)
        return [whole[number] for number in numbers]

    return Recorded(found, steps, fill)


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of what is fetched at once."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number - spans[-1][1] <= GAP:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def _whole(client: Client, path: str, after: str | None, count: int) -> list[StepRecord]:
    rows: list[StepRecord] = []
    while len(rows) < count:
        page = client.get(path, whole="true", cursor=after, limit=min(count - len(rows), MOST))
        rows.extend(_RECORDS.validate_python(page["steps"]))
        after = page.get("cursor")
        if not after:
            break
    return rows


def fetched(client: Client, base: str, run: str) -> Recorded:
    """A whole run of the platform."""
    found = Run.model_validate(client.get(f"{base}/runs/{run}", whole="true"))
    steps = tuple(StepRecord.model_validate(row) for row in step_rows(client, base, run, whole=True))
    return Recorded(run=found, steps=steps)


def step_rows(client: Client, base: str, run: str, *, whole: bool) -> Iterator[dict[str, Any]]:
    """A run's step records as JSON, page by page."""
    cursor: str | None = None
    while True:
        page = client.get(f"{base}/runs/{run}/steps", whole="true" if whole else "", cursor=cursor)
        yield from page["steps"]
        cursor = page.get("cursor")
        if not cursor:
            return


def first_and_last(
    client: Client, base: str, run: str, count: int, *, whole: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The first `count` step records and the last ones; all are the first ones up to twice as many."""
    words = {"whole": "true" if whole else "", "limit": 2 * count}
    page = client.get(f"{base}/runs/{run}/steps", **words)
    if not page.get("cursor"):
        return page["steps"], []
    last = client.get(f"{base}/runs/{run}/steps", **(words | {"newest": "true", "limit": count}))["steps"]
    return page["steps"][:count], last[::-1]
