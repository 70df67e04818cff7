"""`interlock schedule …`: workflows that start by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.installs import app_label
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

if TYPE_CHECKING:
    from interlock.contract.schedule import ScheduleRow

app = typer.Typer()
COLUMNS = ("app", "workflow", "schedule", "zone", "next", "last run for", "run", "skipped")


@app.command("list")
def list_(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List schedules: expression, zone, jitter, the next time, the last run, and the times that were skipped."""
    client, tenant = as_tenant(profile, tenant)
    schedules = list(client.schedules.iterate(tenant))
    empty = "No workflow starts by the clock."
    render.answer(schedules, lambda: render.table(COLUMNS, map(_row, schedules), empty), machine=machine)


def _row(row: ScheduleRow) -> list[object]:
    state = row.state
    jitter = f" + {row.jitter}" if row.jitter else ""
    skipped = f"{state.skipped}, last {state.skipped_at}: {state.why}" if state and state.skipped else ""
    cells = [app_label(row.app, row.install_name), row.workflow, row.schedule + jitter, row.timezone, row.next]
    return [*cells, state.last if state else "", state.run if state else "", skipped]
