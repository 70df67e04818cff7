"""`interlock run fork`: from a recorded run to a new one that runs only the rest, or what was changed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from interlock.cli.runs.follow import follow
from interlock.cli.terminal import render
from interlock.cli.terminal.options import Accept, As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.core.failure import BadRequest, Failure, Rejected

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.fork import ForkAccepted, ForkRequest
    from interlock.contract.run import Run, RunStatus

app = typer.Typer()
MANY = 50


class Outcome(NamedTuple):
    """What became of the request to fork one of several runs."""

    parent: str
    accepted: ForkAccepted | None
    failure: Failure | None = None

    def value(self) -> dict[str, Any]:
        """It as JSON."""
        if self.accepted is not None:
            return {"parent": self.parent} | self.accepted.model_dump(mode="json")
        refused, what = (self.failure.code, self.failure.what) if self.failure else ("", "")
        return {"parent": self.parent, "run": "", "refused": refused, "what": what}

    def row(self) -> list[object]:
        """Its cells in a table."""
        if self.accepted is not None:
            return [self.parent, self.accepted.run, self.accepted.at, self.accepted.reuses, "accepted"]
        return [self.parent, "-", "", "", self.failure.what if self.failure else ""]


@app.command("fork")
def fork(
    run: Annotated[str, typer.Argument(help="The run; leave it out with --all.")] = "",
    at: Annotated[str, typer.Option(help="STATE, STATE[INDEX] or STATE@2; by default the state that failed.")] = "",
    patch: Annotated[
        str, typer.Option("--input-patch", help="A JSON Merge Patch of its input: JSON, @FILE or -.")
    ] = "",
    version: Annotated[str, typer.Option(help="Run another version of the app.")] = "",
    dry: Annotated[bool, typer.Option("--dry", help="Capture effects, and perform none.")] = False,
    waits: Annotated[bool, typer.Option("--waits", help="Wait states wait again.")] = False,
    differing: Annotated[
        Literal["stop", "run", "reuse"], typer.Option(help="What happens if an input differs from its record.")
    ] = "stop",
    stop: Annotated[list[str] | None, typer.Option(help="Stop before this state.", metavar="STATE")] = None,
    accept: Accept = None,
    every: Annotated[bool, typer.Option("--all", help="Every failed run that matches the filters.")] = False,
    app: Annotated[str, typer.Option(help="With --all: only runs of this app.")] = "",
    workflow: Annotated[str, typer.Option(help="With --all: only runs of this workflow.")] = "",
    error: Annotated[str, typer.Option(help="With --all: only runs that failed with this error.")] = "",
    fingerprint: Annotated[str, typer.Option(help="With --all: only runs of this group of failures.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="With --all: at most this many runs.")] = MANY,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end. The exit code is 1 if it failed.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Run again from one state on. Earlier steps are served from their records, and do not run twice.

    Without --at and without a changed input it goes on from the state that failed.
    """
    from interlock.contract.fork import ForkRequest
    from interlock.contract.run import RunStatus

    if every == bool(run):
        raise BadRequest(
            "the command needs one run, or --all", where="run", next_step="interlock run list --status failed"
        )
    client, tenant = as_tenant(profile, tenant)
    request = ForkRequest(
        at=at,
        patch=json_argument(patch, "--input-patch") if patch else None,
        version=version or None,
        dry=dry,
        waits=waits,
        differing=differing,
        breakpoints=tuple(stop or ()),
        accept=tuple(accept or ()),
    )
    if every:
        runs = matching(
            client,
            tenant,
            limit,
            app=app,
            workflow=workflow,
            error=error,
            fingerprint=fingerprint,
            status=RunStatus.FAILED,
        )
        # A dry run is a trial of its own: its failure is nothing to repeat.
        _fork_all(client, tenant, [run for run in runs if not run.dry], request, machine=machine)
        return
    accepted = _fork_one(client, tenant, run, request, machine=machine)
    if wait:
        follow(client, tenant, accepted.run, machine=machine)
    else:
        render.answer(accepted, lambda: _print(run, accepted), machine=machine)


def matching(
    client: Client,
    tenant: str,
    limit: int,
    *,
    app: str = "",
    workflow: str = "",
    error: str = "",
    fingerprint: str = "",
    status: RunStatus | None = None,
) -> list[Run]:
    """Runs that match filters, newest first."""
    runs = client.runs.iterate(
        tenant, app=app, workflow=workflow, error=error, fingerprint=fingerprint, status=status, most=limit
    )
    return list(runs)


def ended_originals(runs: Iterable[Run]) -> list[str]:
    """The ids of the runs that came to an end by themselves, and are no forks."""
    return [run.id for run in runs if run.status.value in ("succeeded", "failed") and not run.fork]


def _fork_one(client: Client, tenant: str, run: str, request: ForkRequest, *, machine: bool) -> ForkAccepted:
    """Fork a run; where the fork would not be faithful, a person at a terminal decides."""
    try:
        return client.runs.fork(tenant, run, request)
    except Rejected as refusal:
        codes = sorted({finding.code for finding in refusal.findings})
        if machine or refusal.code != "fork-unfaithful" or not sys.stdin.isatty():
            raise
        render.failure(refusal, machine=False)
        if not typer.confirm(f"Accept {', '.join(codes)} and go on?"):
            raise typer.Exit(render.REFUSED) from None
    return client.runs.fork(tenant, run, request.model_copy(update={"accept": (*request.accept, *codes)}))


def _fork_all(client: Client, tenant: str, runs: list[Run], request: ForkRequest, *, machine: bool) -> None:
    """Fork every run, and report what became of each request; the exit code is 1 if one was refused."""
    from rich.progress import Progress

    outcomes: list[Outcome] = []
    with Progress(console=render.err(), disable=machine or not sys.stderr.isatty()) as progress:
        task = progress.add_task("forking", total=len(runs))
        for run in runs:
            outcomes.append(_outcome(client, tenant, run.id, request))
            progress.advance(task)
    values = [row.value() for row in outcomes]
    render.answer(values, lambda: _print_outcomes(outcomes), machine=machine)
    if any(row.accepted is None for row in outcomes):
        raise typer.Exit(render.REFUSED)


def _outcome(client: Client, tenant: str, run: str, request: ForkRequest) -> Outcome:
    try:
        return Outcome(run, client.runs.fork(tenant, run, request))
    except Failure as failure:
        return Outcome(run, None, failure)


def _print(run: str, accepted: ForkAccepted) -> None:
    where = f" at {accepted.at}" if accepted.at else ""
    render.line(f"{accepted.run} forks {run}{where}; {accepted.reuses} recorded steps are reused.")
    render.line(f"Follow it: interlock run watch {accepted.run}")


def _print_outcomes(outcomes: list[Outcome]) -> None:
    columns = ("run", "fork", "at", "reuses", "answer")
    render.table(columns, (row.row() for row in outcomes), "No run matches.")
    refused = sum(row.accepted is None for row in outcomes)
    render.line(f"{len(outcomes) - refused} accepted, {refused} refused.")
