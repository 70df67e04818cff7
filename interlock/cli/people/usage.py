"""`interlock usage show`: what runs used, and what that is estimated to cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, app_parts, as_kind, as_tenant
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.contract.usage import UsageLine, UsageReport

app = typer.Typer()
By = Literal["day", "app", "install", "version", "workflow", "step"]
COLUMNS = (
    "day",
    "what",
    "runs",
    "invocations",
    "GB-seconds",
    "transitions",
    "bytes",
    "tokens in/out",
    "dollars, about",
)


@app.command("show")
def show(
    by: Annotated[By, typer.Option(help="Sum up the use of each day by this.")] = "app",
    since: Annotated[
        str, typer.Option(help="The first day, such as 2026-11-01; by default the first of this month.")
    ] = "",
    until: Annotated[str, typer.Option(help="The last day; by default today.")] = "",
    app: Annotated[str, typer.Option(help="A publisher's app: the use of all its tenants together.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show the usage of a tenant, or of a publisher's app: runs, invocations, GB-seconds, transitions, dollars."""
    from interlock.contract.usage import as_csv

    if app:
        if by == "install":
            step = "Choose --by version, workflow or step."
            raise BadRequest("a publisher does not see the installs of an app's tenants", where="--by", next_step=step)
        publisher, name, _ = app_parts(app)
        usage = as_kind(profile, "publisher", publisher).usage
        report = usage.get_app(publisher, name, by=by, since=since, until=until)
    else:
        client, tenant = as_tenant(profile, tenant)
        report = client.usage.get_tenant(tenant, by=by, since=since, until=until)
    if csv and not machine:
        render.line("\n".join(as_csv(report).splitlines()))
        return
    render.answer(report, lambda: _print(report), machine=machine)


def _print(report: UsageReport) -> None:
    render.table(COLUMNS, map(_row, report.rows), "Nothing was used.")
    render.line(f"About {report.dollars:.6f} dollars. docs/usage.md says what they include.")
    unpriced = report.total.unpriced_tokens
    if unpriced:
        render.note(f"They do not include {unpriced:,} tokens of language models, because the operator set no price.")


def _row(row: UsageLine) -> list[object]:
    parts = [part for part in (row.app, row.install_name, row.version, row.workflow, row.step) if part not in ("", "*")]
    amount = row.amount
    cells = [row.day, " ".join(parts) or "all", amount.runs, amount.invocations, f"{amount.gb_seconds:.3f}"]
    tokens = f"{amount.input_tokens:,}/{amount.output_tokens:,}" if amount.model_calls else ""
    return [*cells, amount.transitions, amount.bytes, tokens, f"{row.dollars:.6f}"]
