"""`interlock install test`: runs an install's preflight, and shows each check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import As, AsJson, Tenant, WhichInstall, as_tenant
from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.preflight import WORKFLOW, Check, checks_of

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.registry import Install
    from interlock.contract.run import Run

app = typer.Typer()
SECONDS = 120
"""A preflight that takes longer is of no use to whoever waits for it."""


class Report(Document):
    """What became of a preflight.

    Attributes:
        run: the run that did it.
        ok: whether every check is as it should be.
        checks: what it looked at.
        problem: why it answered no checks; empty where it did.
    """

    run: str
    ok: bool
    checks: tuple[Check, ...]
    problem: str = ""


@app.command("test")
def test(install: WhichInstall, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Test an install before it is used: run the app's preflight, and show each check.

    The exit code is 3 if a check fails.
    """
    client, tenant = as_tenant(profile, tenant)
    install = install_id(client, tenant, install)
    current = client.installs.get(tenant, install)
    report = run_preflight(client, tenant, current)
    if report is None:
        what = f"{current.app}@{current.version} has no preflight"
        raise BadRequest(what, where=install, code="no-preflight", next_step=f"interlock run start {current.app}")
    render.answer(report, lambda: print_report(report, install), machine=machine)
    if not report.ok:
        raise typer.Exit(render.FINDINGS)


def run_preflight(client: Client, tenant: str, install: Install) -> Report | None:
    """Run the preflight of an install, and wait for its end; None where the app has none.

    Raises:
        Unavailable: it took longer than SECONDS.
    """
    from interlock.cli.terminal.wait import until
    from interlock.contract.run_request import UNKNOWN_WORKFLOW, RunRequest

    try:
        accepted = client.runs.start(tenant, RunRequest(install=install.id, workflow=WORKFLOW))
    except NotFound as error:
        if error.code == UNKNOWN_WORKFLOW:
            return None
        raise

    def ended() -> Run | None:
        try:
            run = client.runs.get(tenant, accepted.run, whole=True)
        except NotFound:
            return None
        return run if run.status.over else None

    step = f"interlock run show {accepted.run}"
    return _report(until(ended, seconds=SECONDS, what="the end of the preflight", next_step=step))


def _report(run: Run) -> Report:
    if run.failed is not None:
        return Report(run=run.id, ok=False, checks=(), problem=f"{run.failed.error}: {run.failed.cause}")
    try:
        checks = checks_of(run.output.value if run.output else None)
    except ValueError as error:
        return Report(run=run.id, ok=False, checks=(), problem=str(error))
    return Report(run=run.id, ok=all(row.ok for row in checks), checks=checks)


def print_report(report: Report, install: str) -> None:
    """Print each check, and what to do next."""
    for row in report.checks:
        mark = "[green]ok[/green]  " if row.ok else "[red]fails[/red]"
        detail = f": {render.escape(row.detail)}" if row.detail else ""
        render.out().print(f"{mark}  {render.escape(row.name)}{detail}", highlight=False)
        if row.fix and not row.ok:
            render.line(f"       {row.fix}")
    if report.problem:
        render.line(f"The preflight failed: {report.problem}")
        render.line(f"Why: interlock run explain {report.run}")
    elif not report.ok:
        render.line(
            f"Change what is wrong, then test again: interlock install set {install}; interlock install test {install}"
        )
    else:
        render.line("Every check passed." if report.checks else "The preflight looked at nothing.")
