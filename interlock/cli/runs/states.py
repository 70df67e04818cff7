"""Every state of a run by its history: of the platform, or of an imported file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlock.cli.runs.material import Remote
from interlock.cli.runs.recorded import imported
from interlock.cli.terminal.options import as_tenant
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import Throttled
from interlock.debugger.graph import build
from interlock.debugger.timeline import TimelineRow, timeline

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client

BUSY_SECONDS = 60


def states_of(run: str, profile: str | None, tenant: str) -> list[TimelineRow]:
    """The states that a run entered, in the order of time.

    Raises:
        NotFound: there is no such run, or its history is gone (Step Functions keeps it for 90 days).
    """
    file = imported(run)
    if file is not None:
        return list(file.graph)
    client, tenant = as_tenant(profile, tenant)
    return fetch_states(client, tenant, run)


def fetch_states(client: Client, tenant: str, run: str) -> list[TimelineRow]:
    """The states of a run of the platform; waits while somebody else fetches its history."""

    def ready() -> str | None:
        try:
            return client.runs.get_history(tenant, run).key
        except Throttled:
            return None

    key = until(ready, seconds=BUSY_SECONDS, what=f"the history of {run}", next_step=f"interlock run show {run}")
    return timeline(build(Remote(client, tenant, run).value(key)))
