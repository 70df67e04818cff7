"""Every state of a run as its history tells it: of the platform, or of an imported file."""

from interlock.cli.runs.material import Remote
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import as_tenant
from interlock.cli.terminal.profiles import home
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import Throttled
from interlock.debugger.graph import build
from interlock.debugger.timeline import TimelineRow, timeline
from interlock.local.imported import find_imported

BUSY_SECONDS = 60


def states_of(run: str, profile: str | None, tenant: str) -> list[TimelineRow]:
    """The states that a run entered, in the order of time.

    Raises:
        NotFound: no such run, or its history is gone (Step Functions keeps it for 90 days).
    """
    imported = find_imported(home().resolve(), run)
    if imported is not None:
        return list(imported.graph)
    client, base = as_tenant(profile, tenant)
    return fetch_states(client, base, run)


def fetch_states(client: Client, base: str, run: str) -> list[TimelineRow]:
    """The states of a run of the platform; waits while somebody else fetches its history."""

    def ready() -> str | None:
        try:
            return str(client.get(f"{base}/runs/{run}/history")["key"])
        except Throttled:
            return None

    key = until(ready, seconds=BUSY_SECONDS, what=f"the history of {run}", next_step=f"interlock run show {run}")
    return timeline(build(Remote(client, base, run).value(key)))
