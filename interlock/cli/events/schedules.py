"""`interlock schedule …`: what starts by the clock."""

from typing import Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

app = typer.Typer(no_args_is_help=True, help="What starts by the clock.")
COLUMNS = ("app", "workflow", "schedule", "zone", "next", "last run for", "run", "skipped")


@app.callback()
def schedule() -> None:
    """What starts by the clock."""


@app.command("list")
def listed(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List schedules: expression, zone, jitter, the next time, the last that became a run, what was skipped and why."""
    client, base = as_tenant(profile, tenant)
    found = list(client.pages(f"{base}/schedules", "schedules"))
    if machine:
        render.as_json(found)
    else:
        render.table(COLUMNS, map(_row, found), "Nothing starts by the clock.")


def _row(row: dict[str, Any]) -> list[object]:
    state: dict[str, Any] = row["state"] or {}
    jitter = f" + {row['jitter']}" if row["jitter"] else ""
    skipped = f"{state['skipped']}, last {state['skipped_at']}: {state['why']}" if state.get("skipped") else ""
    words = [row["app"], row["workflow"], row["schedule"] + jitter, row["timezone"], row["next"] or ""]
    return [*words, state.get("last") or "", state.get("run") or "", skipped]
