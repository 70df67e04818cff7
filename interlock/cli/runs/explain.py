"""`interlock run explain`: why a run failed."""

from typing import Any

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.cli.terminal.profiles import home
from interlock.contract.core.failure import Conflict
from interlock.contract.explain import ExplanationView
from interlock.contract.run import RunStatus
from interlock.local.imported import ImportedRun, find_imported


def explain(run: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Say why a run failed: the first cause, its source line, what it read, and what differs from the last good run.

    Of an imported run it is found out anew from the records in the file, which hold no other run to compare with.
    """
    imported = find_imported(home().resolve(), run)
    if imported is not None:
        found = _imported(imported).model_dump(mode="json")
        if not machine:
            render.err.print(f"[dim]imported, {imported.manifest.words}[/dim]")
    else:
        client, base = as_tenant(profile, tenant)
        found: dict[str, Any] = client.get(f"{base}/runs/{run}/explain")
    if machine:
        render.as_json(found)
    else:
        render.out.print(found["text"], markup=False)


def _imported(found: ImportedRun) -> ExplanationView:
    from interlock.debugger.cause import Evidence, find_cause
    from interlock.debugger.explain import Subject
    from interlock.debugger.explain import explain as explained
    from interlock.debugger.explain_text import explain_text

    run = found.run
    if run.status is RunStatus.SUCCEEDED:
        raise Conflict(
            "the run succeeded: nothing failed",
            where=run.id,
            code="run-succeeded",
            next_step=f"interlock run show {run.id}",
        )
    own = run.execution.rsplit(":", 1)[-1]
    records = [row for row in found.steps if row.execution == own and not row.stopped] or list(found.steps)
    error, cause = (run.failed.error, run.failed.cause) if run.failed else ("", "")
    first = find_cause(Evidence(records, error, cause, (), found.definition))
    failing = first.record
    earlier = [row for row in records if failing is not None and row.ended and row.ended <= failing.started]
    told = explained(Subject(run=run, records=earlier, definition=found.definition), first)
    return ExplanationView(explanation=told, text=explain_text(told))
