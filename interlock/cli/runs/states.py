"""Every state of a run by its history: of the platform, or of an imported file."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from interlock.cli.runs.material import Remote
from interlock.cli.runs.recorded import imported
from interlock.cli.terminal import render
from interlock.cli.terminal.options import as_tenant
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import NotFound, Throttled, TooLarge, Unavailable
from interlock.contract.state_flow import StateFlow
from interlock.debugger.graph import build
from interlock.debugger.timeline import TimelineRow, timeline

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client

BUSY_SECONDS = 60


class StateRow(TimelineRow):
    """A state of a run: when it was entered, and what it did with its data."""

    flow: StateFlow | None = None
    """None for an attempt that was not the last, and where the run's definition is not known."""


def states_of(run: str, profile: str | None, tenant: str) -> list[StateRow]:
    """The states that a run entered, in the order of time, with the data flow of each.

    Raises:
        NotFound: there is no such run, or its history is gone (Step Functions keeps it for 90 days).
    """
    file = imported(run)
    if file is not None:
        return with_flows(list(file.graph), [])
    client, tenant = as_tenant(profile, tenant)
    return with_flows(fetch_states(client, tenant, run), flows_of(client, tenant, run))


def flows_of(client: Client, tenant: str, run: str) -> list[StateFlow]:
    """What each state of a run did with its data; empty where the platform has no answer, and a note says why."""
    try:
        return list(client.recorded_steps.iterate_flows(tenant, run))
    except (NotFound, TooLarge, Unavailable) as error:
        render.note(f"Without the data flow: {error.what}.", "yellow")
        return []


def with_flows(rows: Sequence[TimelineRow], flows: Sequence[StateFlow]) -> list[StateRow]:
    """Each state's row with its data flow: the entries into one place are the same in both, in their order. Pure."""
    waiting: dict[tuple[str, ...], deque[StateFlow]] = defaultdict(deque)
    for flow in flows:
        waiting[flow.path].append(flow)
    retried = _retried(rows)
    return [
        StateRow(**dict(row), flow=waiting[row.path].popleft() if waiting[row.path] and not again else None)
        for row, again in zip(rows, retried, strict=True)
    ]


def _retried(rows: Sequence[TimelineRow]) -> list[bool]:
    """Whether each row is an attempt of a Task that another one followed: the data flow is shown with the last one."""
    followers: dict[tuple[str, ...], int] = {}
    retried: list[bool] = []
    for row in reversed(rows):
        retried.append(followers.get(row.path, 0) > row.attempt)
        followers[row.path] = row.attempt
    return retried[::-1]


def fetch_states(client: Client, tenant: str, run: str) -> list[TimelineRow]:
    """The states of a run of the platform; waits while somebody else fetches its history."""

    def ready() -> str | None:
        try:
            return client.runs.get_history(tenant, run).key
        except Throttled:
            return None

    key = until(ready, seconds=BUSY_SECONDS, what=f"the history of {run}", next_step=f"interlock run show {run}")
    return timeline(build(Remote(client, tenant, run).value(key)))
