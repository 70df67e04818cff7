"""Exports a run to a file on the platform, redacted: for a page, which can't fetch every record and body itself."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from interlock.aws.services import artifacts
from interlock.aws.tables.bodies import Bodies
from interlock.contract.core import names
from interlock.contract.core.base import moment
from interlock.contract.core.failure import Conflict, NotFound, TooLarge
from interlock.contract.run import Outline, Run
from interlock.contract.run_export import ExportManifest, RunExport
from interlock.control.inspection.definition import workflow_of_run
from interlock.control.inspection.history import read_history, run_history
from interlock.control.inspection.recorded_step import RecordedStepContext, bundle_ref
from interlock.control.inspection.whole import exact_body, exact_record
from interlock.debugger.graph import build
from interlock.debugger.run_export import ExportSource, export_run
from interlock.debugger.timeline import TimelineRow, timeline

MAX_RECORDS = 2_000
"""Records of a run that is exported on the platform: their items are read within some seconds of the 30 of a call."""
MAX_BYTES = 10_000_000
"""Inputs and outputs of such a run: a function of 512 MB holds them as values and as text."""
READS_AT_ONCE = 8
"""Of bodies and effects that are objects of S3: one takes about 20 ms, and each record may have three."""


@dataclass(frozen=True)
class ExportContext:
    """What exporting works with."""

    steps: RecordedStepContext
    bucket: str
    """The bucket of bodies; files are written beside those of their run."""


def write_export(context: ExportContext, tenant: str, run: str) -> RunExport:
    """Write a run to a file, redacted, and answer where to fetch it. The same run gives the same file.

    Raises:
        NotFound: no such run, or a body is past its retention.
        Conflict: the run is not over.
        TooLarge: it is more than one call can read; `interlock run export` reads it in parts.
        Throttled: its history is being read by somebody else.
    """
    runs = context.steps.runs
    current = runs.find(tenant, run).item
    if not current.status.over:
        step = f"interlock run watch {run}"
        raise Conflict(f"the run is {current.status.value}", where=run, code="run-not-over", next_step=step)
    require_room(current, [Outline.model_validate_json(text) for _, text in runs.outlines(tenant, run, None)])
    rules = (*current.redact, *context.steps.registry.tenant(tenant).redact)
    source = _source(context, current)
    data, head = export_run(source, _head(context, current), rules)
    digest = hashlib.sha256(data).hexdigest()
    key = f"{names.run_prefix(tenant, run)}export-{digest}.zip"
    file = artifacts.write_download(context.bucket, key, data, f"{run}.interlock.zip")
    return RunExport(
        run=run,
        name=file.name,
        url=file.url,
        until=moment(file.until),
        bytes=len(data),
        digest=digest,
        steps=len(source.records),
        removed=len(head.removed),
    )


def require_room(run: Run, outlines: list[Outline]) -> None:
    """Refuse a run whose records and bodies are more than one call can read, before any is."""
    bodies = [body for row in outlines for body in (row.input, row.output) if body is not None]
    size = sum(body.size for body in bodies)
    if len(outlines) > MAX_RECORDS or size > MAX_BYTES:
        raise TooLarge(
            f"the run has {len(outlines)} records of {size} bytes; the platform exports {MAX_RECORDS} of {MAX_BYTES}",
            where=run.id,
            code="export-too-large",
            next_step=f"Export it on your machine: interlock run export {run.id}",
        )


def _source(context: ExportContext, run: Run) -> ExportSource:
    bodies = Bodies(context.bucket, run.tenant, run.id)
    fields = {"input": exact_body(bodies, run.input), "output": run.output and exact_body(bodies, run.output)}
    records = [record for _, record in context.steps.runs.records(run.tenant, run.id)]
    with ThreadPoolExecutor(READS_AT_ONCE) as pool:
        whole = list(pool.map(partial(exact_record, bodies), records))
    return ExportSource(
        run=run.model_copy(update=fields),
        records=whole,
        definition=workflow_of_run(context.steps, run.tenant, run.id).definition,
        graph=_graph(context, run),
    )


def _graph(context: ExportContext, run: Run) -> list[TimelineRow]:
    """Every state that the run entered, by name and time; none where Step Functions has deleted the history."""
    try:
        ref = run_history(context.steps.runs, context.bucket, run.tenant, run.id)
        return timeline(build(read_history(context.bucket, run, ref)))
    except NotFound:
        return []


def _head(context: ExportContext, run: Run) -> ExportManifest:
    version = context.steps.registry.version(run.app, run.version).item
    ref = bundle_ref(context.steps, run.tenant, run.id)
    return ExportManifest(
        run=run.id,
        code=ref.digest,
        handlers={name: plan.handler for name, plan in version.steps.items()},
        granted=version.manifest.permissions.scopes() if version.manifest else (),
        proof=ref.proof,
    )
