"""`interlock run export` and `interlock run import`: a run in one file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.contract.core.failure import BadRequest, Conflict, Failure, NotFound

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.core.base import Json
    from interlock.contract.manifest import Manifest
    from interlock.contract.run import Run
    from interlock.debugger.timeline import TimelineRow

app = typer.Typer()


@app.command("export")
def export(
    run: Annotated[str, typer.Argument(help="A run that is over.")],
    out: Annotated[Path | None, typer.Option(help="The file; RUN.interlock.zip by default.")] = None,
    code: Annotated[bool, typer.Option("--with-code", help="Include the app's bundle.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Redact nothing; the command asks first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Write a run with its records and effects to a file, redacted.

    The file lists the values that were removed.
    """
    from interlock.cli.runs.material import Remote
    from interlock.contract.run_export import ExportManifest
    from interlock.debugger.run_export import ExportSource, export_run
    from interlock.local.home import home
    from interlock.local.trust import learn_key

    client, tenant = as_tenant(profile, tenant)
    if whole and not yes and not _confirms(machine=machine):
        step = "Use --yes to export it without redaction."
        raise BadRequest("nothing was exported", where="--whole", next_step=step)
    remote = Remote(client, tenant, run)
    record = client.runs.get(tenant, run)
    if not record.status.over:
        step = f"interlock run watch {run}"
        raise Conflict(f"the run is {record.status.value}", where=run, code="run-not-over", next_step=step)
    bodies = {"input": remote.body(record.input), "output": record.output and remote.body(record.output)}
    record = record.model_copy(update=bodies)
    records = [remote.whole(row) for row in client.recorded_steps.iterate(tenant, run)]
    ref, data = remote.bundle()
    learn_key(home().root, ref)
    manifest, definition = _app(data, record)
    rules = (*record.redact, *client.tenants.get(tenant).redact)
    head = ExportManifest(
        run=record.id,
        whole=whole,
        code=ref.digest,
        handlers={name: step.handler for name, step in manifest.steps.items()},
        granted=manifest.permissions.scopes(),
        proof=ref.proof,
    )
    graph = _graph(client, tenant, run)
    source = ExportSource(record, records, definition, graph, bundle=data if code else None)
    written, head = export_run(source, head, rules)
    path = out or Path(f"{run}.interlock.zip")
    path.write_bytes(written)

    def show() -> None:
        render.line(f"{path}: {len(records)} records, {len(written)} bytes, {head.words}.")
        render.line(f"Elsewhere: interlock run import {path.name}, then interlock run debug {run}")

    value = {"file": str(path), "bytes": len(written)} | head.model_dump(mode="json")
    render.answer(value, show, machine=machine)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A file of `interlock run export`.")],
    machine: AsJson = False,
) -> None:
    """Open an exported run here: `run show imported:RUN`, `run debug` and others work on it without a platform."""
    from interlock.debugger.run_export import MAX_FILE_BYTES
    from interlock.local.home import home
    from interlock.local.import_file import import_file

    if not file.is_file():
        raise NotFound(f"there is no file {file}", where="FILE", next_step="interlock run export RUN")
    with file.open("rb") as opened:
        # One byte more than an export may have: what is larger is refused without being read.
        record = import_file(opened.read(MAX_FILE_BYTES + 1), home().root)

    def show() -> None:
        run, manifest = record.run.id, record.manifest
        render.line(f"Run {run} is imported, with {len(record.steps)} records; {manifest.words}.")
        render.line(f"See it: interlock run show {record.name}")

    value = {"run": record.run.id, "name": record.name, "steps": len(record.steps)} | record.manifest.model_dump(
        mode="json"
    )
    render.answer(value, show, machine=machine)


def _graph(client: Client, tenant: str, run: str) -> list[TimelineRow]:
    """Every state that the run entered, by name and time; none where Step Functions has deleted the history."""
    from interlock.cli.runs.states import fetch_states

    try:
        return fetch_states(client, tenant, run)
    except NotFound:
        return []


def _confirms(*, machine: bool) -> bool:
    if machine or not sys.stdin.isatty():
        return False
    return render.confirm("The file will contain inputs, outputs and effects with everything sensitive. Go on?")


def _app(data: bytes, run: Run) -> tuple[Manifest, Json]:
    """The manifest of the bundle, and the definition of the run's workflow."""
    from interlock.compiler.archive import Bundle, read_archive
    from interlock.compiler.gate import linear
    from interlock.contract.manifest import MANIFEST, Manifest, parse

    bundle = read_archive(data)
    if not isinstance(bundle, Bundle):
        raise _broken("the bundle", run)
    manifest = parse(bundle.text(MANIFEST))
    if not isinstance(manifest, Manifest):
        raise _broken("the bundle's manifest", run)
    section = manifest.workflows[run.workflow]
    if section.definition is None:
        return manifest, linear(section.steps)
    return manifest, json.loads(bundle.text(section.definition))


def _broken(what: str, run: Run) -> Failure:
    step = "Export the run without --with-code."
    return Failure(f"{what} can't be read", where=run.app, code="bundle-broken", next_step=step)
