"""`interlock run export` and `interlock run import`: a run in one file."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from interlock.cli.runs.material import Remote
from interlock.cli.runs.recorded import step_rows
from interlock.cli.runs.states import fetch_states
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.cli.terminal.profiles import home
from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.gate import linear
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, Conflict, Failure, NotFound
from interlock.contract.manifest import MANIFEST, Manifest, parse
from interlock.contract.registry import Tenant as TenantItem
from interlock.contract.run import Run, StepRecord
from interlock.contract.sensitive import Redactor
from interlock.debugger.redaction import Redacted, learned, redact_run
from interlock.debugger.timeline import TimelineRow
from interlock.local.exported import export_file, import_file
from interlock.local.imported import ExportManifest


def export(
    run: Annotated[str, typer.Argument(help="A run that is over.")],
    out: Annotated[Path | None, typer.Option(help="The file; RUN.interlock.zip by default.")] = None,
    code: Annotated[bool, typer.Option("--with-code", help="The app's bundle goes along.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Nothing is redacted; asks first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Write a run with its records and effects to a file, redacted, with a list of what was taken out."""
    client, base = as_tenant(profile, tenant)
    if whole and not yes and not _confirms(machine=machine):
        raise BadRequest("nothing was exported", where="--whole", next_step="Say --yes to export without redaction.")
    remote = Remote(client, base, run)
    found = Run.model_validate(client.get(remote.base))
    if not found.status.over:
        raise Conflict(
            f"the run is {found.status.value}", where=run, code="run-not-over", next_step=f"interlock run watch {run}"
        )
    found = found.model_copy(
        update={"input": remote.body(found.input), "output": found.output and remote.body(found.output)}
    )
    rows = step_rows(client, base, run, whole=False)
    records = [remote.whole(StepRecord.model_validate(row)) for row in rows]
    ref, data = remote.bundle()
    manifest, definition = _app(data, found)
    rules = (*found.redact, *TenantItem.model_validate(client.get(base)).redact)
    redacted = Redacted(found, tuple(records), ()) if whole else redact_run(found, records, rules)
    if not whole:
        definition = _clean(definition, learned(found, records, rules))
    head = ExportManifest(
        run=found.id,
        whole=whole,
        code=ref.digest,
        handlers={name: step.handler for name, step in manifest.steps.items()},
        granted=manifest.permissions.scopes(),
    )
    graph = _graph(client, base, run)
    written, head = export_file(redacted, definition, graph, head, data if code else None)
    path = out or Path(f"{run}.interlock.zip")
    path.write_bytes(written)
    if machine:
        render.as_json({"file": str(path), "bytes": len(written)} | head.model_dump(mode="json"))
        return
    render.out.print(f"{escape(str(path))}: {len(records)} records, {len(written)} bytes, {head.words}.")
    render.out.print(f"Elsewhere: interlock run import {escape(path.name)}, then interlock run debug {run}")


def _graph(client: Client, base: str, run: str) -> list[TimelineRow]:
    """Every state that the run entered; none where Step Functions has forgotten it. It has names and times only."""
    try:
        return fetch_states(client, base, run)
    except NotFound:
        return []


def import_(
    file: Annotated[Path, typer.Argument(help="What `interlock run export` wrote.")],
    machine: AsJson = False,
) -> None:
    """Open an exported run here: `run show`, `run debug` and the others work on it with no platform running."""
    if not file.is_file():
        raise NotFound(f"no file {file}", where="FILE", next_step="interlock run export RUN")
    found = import_file(file.read_bytes(), home().resolve())
    if machine:
        render.as_json({"run": found.run.id, "steps": len(found.steps)} | found.manifest.model_dump(mode="json"))
        return
    render.out.print(f"Run {found.run.id} is here, with {len(found.steps)} records; {found.manifest.words}.")
    render.out.print(f"See it: interlock run show {found.run.id}")


def _confirms(*, machine: bool) -> bool:
    if machine or not sys.stdin.isatty():
        return False
    return typer.confirm("The file will hold inputs, outputs and effects with everything sensitive in them. Go on?")


def _app(data: bytes, run: Run) -> tuple[Manifest, Json]:
    """What the bundle declares, and the definition of the run's workflow."""
    bundle = read_archive(data)
    if not isinstance(bundle, Bundle):
        raise Failure(
            "the bundle can't be read",
            where=run.app,
            code="bundle-broken",
            next_step="Export the run without --with-code.",
        )
    manifest = parse(bundle.text(MANIFEST))
    if not isinstance(manifest, Manifest):
        raise Failure(
            "the bundle's manifest can't be read",
            where=run.app,
            code="bundle-broken",
            next_step="Export the run without --with-code.",
        )
    section = manifest.workflows[run.workflow]
    if section.definition is None:
        return manifest, linear(section.steps)
    return manifest, json.loads(bundle.text(section.definition))


def _clean(definition: Json, redactor: Redactor) -> Json:
    """A definition without secrets that somebody wrote into it."""
    return redactor.data(definition, by_name=True)
