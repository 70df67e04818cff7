"""`interlock usage`, `interlock budget` and `interlock quota`."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_kind, as_tenant
from interlock.contract.quota import Quotas
from interlock.contract.usage import UsageReport, as_csv

usage = typer.Typer(no_args_is_help=True, help="What runs used, and what that is estimated to cost.")
budget = typer.Typer(no_args_is_help=True, help="What a tenant means to spend in a month.")
quota = typer.Typer(no_args_is_help=True, help="How much a tenant and its installs may have at once.")
Since = Annotated[str, typer.Option(help="The first day, 2026-11-01; the first of this month by default.")]
Until = Annotated[str, typer.Option(help="The last day; today by default.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


class Sum(StrEnum):
    """By what usage is summed up."""

    DAY = "day"
    APP = "app"
    VERSION = "version"
    WORKFLOW = "workflow"
    STEP = "step"


By = Annotated[Sum, typer.Option(help="Sum up by this, for each day.")]


@usage.command("show")
def show(
    by: By = Sum.APP,
    since: Since = "",
    until: Until = "",
    app: Annotated[str, typer.Option(help="A publisher's app: all its tenants together.")] = "",
    csv: AsCsv = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show the usage of a tenant, or of a publisher's app: runs, invocations, GB-seconds, transitions, dollars."""
    words = {"by": by.value, "since": since, "until": until}
    if app:
        publisher, _, name = app.partition("/")
        client = as_kind(profile, "publisher", publisher)
        raw = client.get(f"/v1/publishers/{publisher}/apps/{name}/usage", **words)
    else:
        client, base = as_tenant(profile, tenant)
        raw = client.get(f"{base}/usage", **words)
    found = UsageReport.model_validate(raw)
    if machine:
        render.as_json(raw)
    elif csv:
        typer.echo(as_csv(found), nl=False)
    else:
        _table(found)


@budget.command("set")
def set_budget(dollars: float, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Set a monthly budget; `budget.reached` is emitted at 50, 80 and 100 percent of it, by the estimate."""
    client, base = as_tenant(profile, tenant)
    _tell(client.put(f"{base}/budget", {"dollars": dollars}), f"{dollars:.2f} dollars a month.", machine=machine)


@budget.command("show")
def show_budget(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show the monthly budget."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/budget")
    _tell(found, f"{found['dollars']:.2f} dollars a month.", machine=machine)


@budget.command("remove")
def remove_budget(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Take the monthly budget away."""
    client, base = as_tenant(profile, tenant)
    _tell(client.delete(f"{base}/budget"), "No budget.", machine=machine)


@quota.command("show")
def show_quota(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show the quotas of a tenant and its installs, with what is in use."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/quotas")
    if machine:
        render.as_json(found)
        return
    rows = [
        [
            row["app"] or "the tenant",
            f"{row['runs_under_way']} of {row['quotas']['concurrent_runs']}",
            row["quotas"]["starts_per_minute"],
            row["quotas"]["events_per_minute"],
            f"{row['step_seconds_today']:.0f} of {row['quotas']['step_seconds_per_day']}",
            f"{row['stored_bytes']} of {row['quotas']['storage_bytes']}",
        ]
        for row in found["lines"]
    ]
    columns = ("whose", "runs", "starts/min", "events/min", "step seconds today", "bytes")
    render.table(columns, rows, "")


@quota.command("set")
def set_quota(
    install: Annotated[str, typer.Option(help="One of the tenant's installs; else the tenant, for operators.")] = "",
    concurrent_runs: Annotated[int | None, typer.Option(min=1)] = None,
    starts_per_minute: Annotated[int | None, typer.Option(min=1)] = None,
    events_per_minute: Annotated[int | None, typer.Option(min=1)] = None,
    step_seconds_per_day: Annotated[int | None, typer.Option(min=1)] = None,
    storage_bytes: Annotated[int | None, typer.Option(min=1)] = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Change quotas: those of an install by its tenant's admin, those of a tenant by an operator."""
    client, base = as_tenant(profile, tenant)
    lines: list[dict[str, Any]] = client.get(f"{base}/quotas")["lines"]
    line = next((row for row in lines if row["install"] == install), lines[0])
    asked = {
        "concurrent_runs": concurrent_runs,
        "starts_per_minute": starts_per_minute,
        "events_per_minute": events_per_minute,
        "step_seconds_per_day": step_seconds_per_day,
        "storage_bytes": storage_bytes,
    }
    changed = {name: value for name, value in asked.items() if value is not None}
    quotas = Quotas.model_validate(line["quotas"] | changed).model_dump(mode="json")
    path = f"{base}/installs/{install}/quotas" if install else f"{base}/quotas"
    _tell(client.put(path, quotas), "Set.", machine=machine)


def _table(found: UsageReport) -> None:
    rows: list[list[object]] = []
    for row in found.rows:
        words = [word for word in (row.app, row.version, row.workflow, row.step) if word != "*"]
        amount = row.amount
        rows.append(
            [
                row.day,
                " ".join(words) or "all",
                amount.runs,
                amount.invocations,
                f"{amount.gb_seconds:.3f}",
                amount.transitions,
                amount.bytes,
                f"{amount.dollars:.6f}",
            ]
        )
    columns = ("day", "what", "runs", "invocations", "GB-seconds", "transitions", "bytes", "dollars, about")
    render.table(columns, rows, "Nothing was used.")
    render.out.print(f"About {found.dollars:.6f} dollars; what is in it: docs/usage.md")


def _tell(found: dict[str, Any], text: str, *, machine: bool) -> None:
    if machine:
        render.as_json(found)
    else:
        render.out.print(text)
