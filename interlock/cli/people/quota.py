"""`interlock quota …`: how much a tenant and its installs may have at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.installs import app_label, install_id
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

if TYPE_CHECKING:
    from interlock.contract.quota import QuotaLine

app = typer.Typer()
COLUMNS = (
    "whose",
    "runs",
    "parallel steps",
    "starts/min",
    "events/min",
    "step seconds today",
    "model tokens today",
    "bytes",
)


@app.command("show")
def show(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show the quotas of a tenant and of its installs, and how much of them is in use."""
    client, tenant = as_tenant(profile, tenant)
    report = client.quotas.get(tenant)
    render.answer(report, lambda: render.table(COLUMNS, map(_row, report.lines), ""), machine=machine)


@app.command("set")
def set_(
    install: Annotated[
        str, typer.Option(help="One of the tenant's installs. Without it the tenant itself, for operators.")
    ] = "",
    concurrent_runs: Annotated[int | None, typer.Option(min=1, help="Runs at the same time.")] = None,
    parallel_steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of Map and Parallel at the same time.")
    ] = None,
    starts_per_minute: Annotated[int | None, typer.Option(min=1, help="Runs that start in a minute.")] = None,
    events_per_minute: Annotated[int | None, typer.Option(min=1, help="Events that are emitted in a minute.")] = None,
    step_seconds_per_day: Annotated[int | None, typer.Option(min=1, help="Seconds of steps in a day.")] = None,
    model_tokens_per_day: Annotated[
        int | None, typer.Option(min=1, help="Tokens of the language model in a day.")
    ] = None,
    storage_bytes: Annotated[int | None, typer.Option(min=1, help="Bytes of `ctx.state`.")] = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Change the quotas of an install, as its tenant's admin, or of a tenant, as an operator."""
    client, tenant = as_tenant(profile, tenant)
    install = install_id(client, tenant, install) if install else ""
    lines = client.quotas.get(tenant).lines
    present = next((row.quotas for row in lines if row.install == install), lines[0].quotas)
    wanted = {
        "concurrent_runs": concurrent_runs,
        "parallel_steps": parallel_steps,
        "starts_per_minute": starts_per_minute,
        "events_per_minute": events_per_minute,
        "step_seconds_per_day": step_seconds_per_day,
        "model_tokens_per_day": model_tokens_per_day,
        "storage_bytes": storage_bytes,
    }
    quotas = present.model_copy(update={name: value for name, value in wanted.items() if value is not None})
    if install:
        after = client.quotas.set_install(tenant, install, quotas)
    else:
        after = client.quotas.set_tenant(tenant, quotas)
    render.answer(after, "The quotas are set.", machine=machine)


def _row(row: QuotaLine) -> list[object]:
    quotas = row.quotas
    return [
        app_label(row.app, row.install_name) or "the tenant",
        f"{row.runs_under_way} of {quotas.concurrent_runs}",
        f"{row.steps_under_way} of {quotas.parallel_steps}",
        quotas.starts_per_minute,
        quotas.events_per_minute,
        f"{row.step_seconds_today:.0f} of {quotas.step_seconds_per_day}",
        f"{row.model_tokens_today} of {quotas.model_tokens_per_day}",
        f"{row.stored_bytes} of {quotas.storage_bytes}",
    ]
