"""Runs as commands read them: from the platform page by page, or from an imported file."""

from collections.abc import Iterator
from typing import Any

from interlock.cli.client import Client
from interlock.cli.options import as_tenant
from interlock.cli.profiles import home
from interlock.contract.base import Model
from interlock.contract.run import Run, StepRecord
from interlock.local.imported import find_imported


class Recorded(Model):
    """A run with its step records; bodies and effects are in place."""

    run: Run
    steps: tuple[StepRecord, ...]


def recorded(run: str, profile: str | None, tenant: str) -> Recorded:
    """A whole run: an imported one first, since it needs no platform.

    Raises:
        NotFound: there is no such run.
    """
    imported = find_imported(home().resolve(), run)
    if imported is not None:
        return Recorded(run=imported.run, steps=imported.steps)
    client, base = as_tenant(profile, tenant)
    return fetched(client, base, run)


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
