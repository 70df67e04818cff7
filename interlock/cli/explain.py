"""`interlock run explain`: why a run failed."""

from interlock.cli import render
from interlock.cli.options import As, AsJson, Tenant, as_tenant


def explain(run: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Say why a run failed: the first cause, its source line, what it read, and what differs from the last good run."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/runs/{run}/explain")
    if machine:
        render.as_json(found)
    else:
        render.out.print(found["text"], markup=False)
