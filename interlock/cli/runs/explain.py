"""`interlock run explain`: why a run failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.contract.core.failure import Conflict

if TYPE_CHECKING:
    from interlock.contract.explain import ExplanationView
    from interlock.local.imported import ImportedRun

app = typer.Typer()


@app.command("explain")
def explain(run: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Explain why a run failed: the first cause, its source line, what it read, and what differs from a good run.

    An imported run is explained from the records in its file, which has no other run to compare with.
    """
    from interlock.cli.runs.recorded import imported

    file = imported(run)
    if file is not None:
        view = _of_import(file)
        if not machine:
            render.note(f"imported, {file.manifest.words}", "dim")
    else:
        client, tenant = as_tenant(profile, tenant)
        view = client.runs.explain(tenant, run)
    render.answer(view, view.text, machine=machine)


def _of_import(file: ImportedRun) -> ExplanationView:
    from interlock.contract.explain import ExplanationView
    from interlock.contract.run import RunStatus
    from interlock.debugger.cause import Evidence, find_cause
    from interlock.debugger.explain import Subject
    from interlock.debugger.explain import explain as explain_cause
    from interlock.debugger.explain_text import explain_text

    run = file.run
    if run.status is RunStatus.SUCCEEDED:
        step = f"interlock run show {run.id}"
        raise Conflict("the run succeeded", where=run.id, code="run-succeeded", next_step=step)
    own = run.execution.rsplit(":", 1)[-1]
    records = [row for row in file.steps if row.execution == own and not row.stopped] or list(file.steps)
    error, cause = (run.failed.error, run.failed.cause) if run.failed else ("", "")
    first = find_cause(Evidence(records, error, cause, (), file.definition))
    failing = first.record
    earlier = [row for row in records if failing is not None and row.ended and row.ended <= failing.started]
    explanation = explain_cause(Subject(run=run, records=earlier, definition=file.definition), first)
    # An imported run is on no platform: it can be looked at and debugged, and not forked.
    commands = tuple(row.replace(run.id, file.name) for row in explanation.commands[:1])
    explanation = explanation.model_copy(update={"commands": commands})
    return ExplanationView(explanation=explanation, text=explain_text(explanation))
