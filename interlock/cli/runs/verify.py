"""`interlock run verify`: whether a version, or a working copy, does what was recorded."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.runs.fork import ended_originals, matching
from interlock.cli.terminal import render
from interlock.cli.terminal.options import Accept, As, AsJson, Tenant, as_tenant
from interlock.cli.terminal.wait import until
from interlock.contract.core import limits
from interlock.contract.core.failure import BadRequest, Conflict, NotFound, Rejected

if TYPE_CHECKING:
    from interlock.cli.runs.recorded import Recorded
    from interlock.cli.terminal.client import Client
    from interlock.contract.diff import Difference
    from interlock.contract.fork import ForkRequest
    from interlock.contract.manifest import Manifest
    from interlock.contract.verification import Verification, VerificationRequest

app = typer.Typer()
VERIFY_SECONDS = 600
SHORT = 30
COLUMNS = ("run", "verdict", "ended", "first difference", "recorded -> now", "dry run")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a version compares with one recorded run."""

    run: str
    fork: str = ""
    """The dry run of the new version; empty where it was refused."""
    same: bool = False
    ended: str = ""
    """How the new version ended: `succeeded`, or `failed` or `aborted` with the state and the error."""
    first: Difference | None = None
    differences: int = 0
    refused: str = ""
    notes: tuple[str, ...] = ()
    """What a person should know of the comparison."""


@app.command("verify")
def verify(
    version: Annotated[str, typer.Option(help="The version to verify, on the platform.")] = "",
    source: Annotated[
        Path | None, typer.Option(help="Verify this working copy here instead, step by step with the recorded inputs.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Verify this bundle here instead (interlock app pack).")] = None,
    against: Annotated[list[str] | None, typer.Option(help="A recorded run; may be repeated.", metavar="RUN")] = None,
    last: Annotated[int, typer.Option(min=0, max=1000, help="This many of the last runs that are over.")] = 0,
    app: Annotated[str, typer.Option(help="With --last: runs of this app.", metavar="PUBLISHER/NAME")] = "",
    workflow: Annotated[str, typer.Option(help="With --last: runs of this workflow.")] = "",
    accept: Accept = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Compare what a version does with recorded runs. The exit code is 3 if anything differs.

    Nothing is performed: reads are answered from the records, and effects are captured and compared. With --version
    the platform runs each workflow as a whole. With --source or --bundle each recorded step runs here with the input
    that it had: no workflow is executed, and imported runs need no platform.
    """
    from interlock.cli.runs.recorded import recorded
    from interlock.contract.fork import ForkRequest

    if sum(map(bool, (version, source, bundle))) != 1:
        step = "Use one of --version, --source and --bundle."
        raise BadRequest("the command needs something to verify", where="--version", next_step=step)
    if bool(against) == bool(last):
        step = "Use --against RUN, or --last 20 --app NAME."
        raise BadRequest("the command needs recorded runs", where="--against", next_step=step)
    runs = list(against or ()) or last_runs(*as_tenant(profile, tenant), last, app, workflow)
    if version:
        client, tenant = as_tenant(profile, tenant)
        request = ForkRequest(whole=True, dry=True, version=version, accept=tuple(accept or ()))
        verdicts = verify_all(client, tenant, runs, request, quiet=machine)
    else:
        root, manifest = code_of(source, bundle)
        verdicts = [verify_here(root, manifest, recorded(run, profile, tenant)) for run in runs]
    name = version or str(source or bundle)
    render.answer(verdicts, lambda: _print(verdicts, name), machine=machine)
    if any(not row.same for row in verdicts):
        raise typer.Exit(render.FINDINGS)


def verify_all(
    client: Client, tenant: str, runs: Sequence[str], request: ForkRequest, *, quiet: bool = False
) -> list[Verdict]:
    """Let the platform repeat every run dry and compare it, and follow that to its end.

    Raises:
        NotFound: there is no such run.
        Unavailable: a dry run did not end in time.
    """
    from interlock.contract.verification import VerificationRequest

    verdicts: list[Verdict] = []
    for at in range(0, len(runs), limits.VERIFICATION_RUNS):
        batch = tuple(runs[at : at + limits.VERIFICATION_RUNS])
        wanted = VerificationRequest(version=request.version or "", runs=batch, accept=request.accept)
        verdicts += _followed(client, client.verifications.create(tenant, wanted), quiet=quiet)
    return verdicts


def rehearse_upgrade(
    client: Client, tenant: str, request: VerificationRequest, *, quiet: bool = False
) -> list[Verdict]:
    """Let the platform repeat an install's last runs with another version; empty where none is over."""
    try:
        job = client.verifications.create(tenant, request)
    except NotFound as absent:
        if absent.code == "no-run-over":
            return []
        raise
    return _followed(client, job, quiet=quiet)


def _followed(client: Client, job: Verification, *, quiet: bool) -> list[Verdict]:
    """The verdicts of a verification, once it is done; the time that is waited begins anew with each of them."""
    from rich.progress import Progress

    with Progress(console=render.err(), disable=quiet or not sys.stderr.isatty()) as progress:
        comparing = progress.add_task("comparing", total=job.total)
        while not job.status.over:
            job = until(
                partial(_further, client, job),
                seconds=VERIFY_SECONDS,
                what=f"the next verdict of the verification {job.id}",
                next_step="interlock run list --dry",
            )
            progress.update(comparing, completed=_known(job))
    return [
        Verdict(
            run=row.run,
            fork=row.fork,
            same=row.verdict == "same",
            ended=row.ended,
            first=row.first,
            differences=row.differences,
            refused=row.refused,
        )
        for row in job.verdicts
    ]


def _further(client: Client, job: Verification) -> Verification | None:
    """A verification once it is over, or knows more verdicts."""
    latest = client.verifications.get(job.tenant, job.id)
    return latest if latest.status.over or _known(latest) > _known(job) else None


def _known(job: Verification) -> int:
    return job.total - job.counts.get("waiting", 0)


def verdict_row(row: Verdict) -> list[object]:
    """The cells of a verdict: run, verdict, how the new version ended, the first difference, and its values."""
    first = row.first
    word = "same" if row.same else "refused" if row.refused else "differs"
    what = f"{first.aspect} {first.where}{first.field}" if first else row.refused or "-"
    change = f"{render.short(first.a, SHORT)} -> {render.short(first.b, SHORT)}" if first else ""
    return [row.run, word, row.ended or "-", what, change]


def code_of(source: Path | None, bundle: Path | None) -> tuple[Path, Manifest]:
    """The folder of the code, and its manifest.

    Raises:
        NotFound: there is no such file, or no app in the folder.
        Rejected: the manifest has errors.
    """
    from interlock.contract.manifest import MANIFEST, Manifest, parse
    from interlock.local.debug.code import fetch_code
    from interlock.local.home import home

    if bundle is not None:
        if not bundle.is_file():
            raise NotFound(f"there is no file {bundle}", where="--bundle", next_step="interlock app pack")
        data = bundle.read_bytes()
        source = fetch_code(home().root, hashlib.sha256(data).hexdigest(), lambda: data)
    root = (source or Path()).resolve()
    if not (root / MANIFEST).is_file():
        what = f"the folder {root} has no {MANIFEST}"
        raise NotFound(what, where="--source", next_step="Name the app's folder.")
    manifest = parse((root / MANIFEST).read_text())
    if not isinstance(manifest, Manifest):
        raise Rejected("the manifest has errors", list(manifest), where=MANIFEST)
    return root, manifest


def verify_here(root: Path, manifest: Manifest, record: Recorded) -> Verdict:
    """Run the steps of a recorded run in a folder's code.

    Raises:
        Conflict: the run is not over, or is of another app.
    """
    from interlock.local.debug.verify import verify_run

    run = record.run
    if not run.status.over:
        what = f"the run is {run.status.value}"
        raise Conflict(what, where=run.id, code="run-not-over", next_step="Wait for its end.")
    if run.app != manifest.app.id:
        what = f"the run is of {run.app}, and the code is {manifest.app.id}"
        raise Conflict(what, where=run.id, code="other-app", next_step="Name the folder of that app.")
    verified = verify_run(root, manifest, run, record.steps)
    counts = {
        "steps were run": verified.steps,
        "visits have no answer of a step to compare with": verified.left_out,
        "inputs are redacted: the steps had those": verified.inputs,
        "differences are not listed, because the record is redacted there": verified.redacted,
    }
    difference = verified.found
    return Verdict(
        run=run.id,
        same=not difference.differences,
        ended=f"failed at {', '.join(verified.failed)}" if verified.failed else "succeeded",
        first=difference.first,
        differences=len(difference.differences) + difference.more,
        notes=tuple(f"{count} {what}" for what, count in counts.items() if count),
    )


def last_runs(client: Client, tenant: str, count: int, app: str, workflow: str) -> list[str]:
    """The last runs of an app that came to an end by themselves.

    Raises:
        BadRequest: no app is named.
        NotFound: no run of it is over.
    """
    if not app:
        step = "Use --last 20 --app publisher/name."
        raise BadRequest("the command needs an app", where="--app", next_step=step)
    runs = ended_originals(matching(client, tenant, count * 3, app=app, workflow=workflow))
    if not runs:
        step = f"interlock run list --app {app}"
        raise NotFound(f"no run of {app} is over", where="--last", next_step=step)
    return runs[:count]


def _print(verdicts: Sequence[Verdict], name: str) -> None:
    for row in verdicts:
        for text in row.notes:
            render.note(f"{row.run}: {text}", "dim")
    render.table(COLUMNS, ([*verdict_row(row), row.fork] for row in verdicts), "There are no runs.")
    same = sum(row.same for row in verdicts)
    refused = sum(bool(row.refused) for row in verdicts)
    differ = len(verdicts) - same - refused
    render.line(f"{name}: {same} the same, {differ} differ, {refused} refused, of {len(verdicts)} runs.")
    failing = sum(not row.refused and row.ended != "succeeded" for row in verdicts)
    if failing:
        render.line(f"It did not end well in {failing} of them.")
