"""`interlock run verify`: whether a version, or a working copy, does what was recorded."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from interlock.cli.runs.forks import Accept, matching
from interlock.cli.runs.recorded import Recorded, diff_fork, recorded
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.cli.terminal.profiles import home
from interlock.cli.terminal.wait import until
from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, Conflict, Failure, NotFound, Rejected
from interlock.contract.diff import Difference
from interlock.contract.manifest import MANIFEST, Manifest, parse

VERIFY_SECONDS = 600


class Verdict(Document):
    """What a version made of one recorded run."""

    run: str
    fork: str = ""
    """The dry run of the new version; empty where it was refused."""
    same: bool = False
    first: Difference | None = None
    differences: int = 0
    refused: str = ""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was compared."""


def verify(
    version: Annotated[str, typer.Option(help="The version to verify, on the platform.")] = "",
    source: Annotated[
        Path | None, typer.Option(help="Verify this working copy here instead, step by step with the recorded inputs.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="The same with a bundle (`interlock app pack`).")] = None,
    against: Annotated[list[str] | None, typer.Option(help="A recorded run.", metavar="RUN")] = None,
    last: Annotated[int, typer.Option(min=0, max=1000, help="The last so many runs that are over.")] = 0,
    app: Annotated[str, typer.Option(help="With --last: runs of this app.", metavar="PUBLISHER/NAME")] = "",
    workflow: Annotated[str, typer.Option(help="With --last: runs of this workflow.")] = "",
    accept: Accept = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Compare what a version does with what was recorded, effects captured. Exit code 3 if anything differs.

    Nothing is performed: reads are answered from the recorded journal, effects are captured and compared. With
    --version the platform runs each workflow whole. With --source or --bundle each recorded step runs here, with the
    input it had: no workflow is executed, and for imported runs no platform is needed.
    """
    if sum(map(bool, (version, source, bundle))) != 1:
        raise BadRequest("verify what?", where="--version", next_step="Say one of --version, --source and --bundle.")
    if bool(against) == bool(last):
        raise BadRequest("say which runs", where="--against", next_step="--against RUN, or --last 20 --app NAME")
    runs = list(against or ())
    if not runs:
        runs = _last(*as_tenant(profile, tenant), last, app, workflow)
    if version:
        client, base = as_tenant(profile, tenant)
        asked: dict[str, Any] = {"whole": True, "dry": True, "version": version, "accept": accept or []}
        verdicts = verify_all(client, base, runs, asked, quiet=machine)
    else:
        root, manifest = _code(source, bundle)
        verdicts = [_here(root, manifest, recorded(run, profile, tenant)) for run in runs]
    if machine:
        render.as_json([row.model_dump(mode="json") for row in verdicts])
    else:
        _print_verdicts(verdicts, version or str(source or bundle))
    if any(not row.same for row in verdicts):
        raise typer.Exit(render.FINDINGS)


def _code(source: Path | None, bundle: Path | None) -> tuple[Path, Manifest]:
    """The folder of the code, and its manifest."""
    if bundle is not None:
        if not bundle.is_file():
            raise NotFound(f"no file {bundle}", where="--bundle", next_step="interlock app pack")
        from interlock.local.debug.code import fetch_code

        data = bundle.read_bytes()
        source = fetch_code(home(), hashlib.sha256(data).hexdigest(), lambda: data)
    root = (source or Path()).resolve()
    if not (root / MANIFEST).is_file():
        raise NotFound(f"no {MANIFEST} in {root}", where="--source", next_step="Name the app's folder.")
    found = parse((root / MANIFEST).read_text())
    if not isinstance(found, Manifest):
        raise Rejected("the manifest can't be read", list(found), where=MANIFEST)
    return root, found


def _here(root: Path, manifest: Manifest, found: Recorded) -> Verdict:
    """What the steps of a recorded run do in a folder's code."""
    from interlock.local.debug.verify import verify_run

    run = found.run
    if not run.status.over:
        raise Conflict(
            f"the run is {run.status.value}", where=run.id, code="run-not-over", next_step="Wait for its end."
        )
    if run.app != manifest.app.id:
        raise Conflict(
            f"the run is of {run.app}, and the code is {manifest.app.id}",
            where=run.id,
            code="other-app",
            next_step="Name the folder of that app.",
        )
    told = verify_run(root, manifest, run, found.steps)
    counts = {
        "steps were run": told.steps,
        "visits have no answer of a step to compare with": told.left_out,
        "inputs are redacted: the steps got those": told.inputs,
        "differences are not told, because the record is redacted there": told.redacted,
    }
    rows = told.found.differences
    return Verdict(
        run=run.id,
        same=not rows,
        first=told.found.first,
        differences=len(rows) + told.found.more,
        notes=tuple(f"{count} {what}" for what, count in counts.items() if count),
    )


def verify_all(
    client: Client, base: str, runs: Sequence[str], asked: dict[str, Any], *, quiet: bool = False
) -> list[Verdict]:
    """Start a dry fork of every run, then compare each with its parent as it ends."""
    from rich.progress import Progress

    forks: dict[str, str] = {}
    refused: dict[str, str] = {}
    verdicts: list[Verdict] = []
    with Progress(console=render.err, disable=quiet or not sys.stderr.isatty()) as progress:
        starting = progress.add_task("starting", total=len(runs))
        for run in runs:
            try:
                forks[run] = str(client.post(f"{base}/runs/{run}/forks", asked)["run"])
            except NotFound:
                raise
            except Failure as failure:
                refused[run] = f"{failure.what}: {_codes(failure)}"
            progress.advance(starting)
        comparing = progress.add_task("comparing", total=len(runs))
        for run in runs:
            verdicts.append(
                _compared(client, base, run, forks[run]) if run in forks else Verdict(run=run, refused=refused[run])
            )
            progress.advance(comparing)
    return verdicts


def _codes(failure: Failure) -> str:
    findings: Sequence[Any] = getattr(failure, "findings", ())
    return ", ".join(sorted({row.code for row in findings})) or failure.code


def _compared(client: Client, base: str, run: str, fork: str) -> Verdict:
    def over() -> dict[str, Any] | None:
        try:
            found = client.get(f"{base}/runs/{fork}")
        except NotFound:
            return None
        return found if found["status"] in ("succeeded", "failed", "aborted") else None

    until(over, seconds=VERIFY_SECONDS, what=f"the dry run {fork}", next_step=f"interlock run show {fork}")
    found = diff_fork(client, base, run, fork)
    return Verdict(
        run=run, fork=fork, same=not found.differences, first=found.first, differences=len(found.differences)
    )


def _last(client: Client, base: str, count: int, app: str, workflow: str) -> list[str]:
    if not app:
        raise BadRequest("which app?", where="--app", next_step="--last 20 --app publisher/name")
    filters = {"app": app, "workflow": workflow}
    rows = matching(client, base, filters, count * 3)
    found = [row["id"] for row in rows if row["status"] in ("succeeded", "failed") and not row.get("fork")]
    if not found:
        raise NotFound(f"no run of {app} is over", where="--last", next_step=f"interlock run list --app {app}")
    return found[:count]


def _print_verdicts(verdicts: Sequence[Verdict], version: str) -> None:
    rows: list[list[object]] = []
    for row in verdicts:
        first = row.first
        what = f"{first.aspect} {first.where}{first.field}" if first else row.refused or "-"
        change = f"{render.short(first.a, 30)} -> {render.short(first.b, 30)}" if first else ""
        rows.append([row.run, "same" if row.same else "refused" if row.refused else "differs", what, change, row.fork])
    for row in verdicts:
        for note in row.notes:
            render.err.print(f"[dim]{row.run}: {note}[/dim]")
    render.table(("run", "verdict", "first difference", "recorded -> now", "dry run"), rows, "No runs.")
    same = sum(row.same for row in verdicts)
    refused = sum(bool(row.refused) for row in verdicts)
    differ = len(verdicts) - same - refused
    render.out.print(f"{version}: {same} the same, {differ} differ, {refused} refused, of {len(verdicts)} runs.")
