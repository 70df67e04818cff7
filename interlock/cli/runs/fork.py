"""`interlock run fork`: from a recorded run to a new one that runs only the rest, or what was changed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from interlock.cli.runs.bulk_fork import fork_all
from interlock.cli.runs.follow import follow
from interlock.cli.terminal import render
from interlock.cli.terminal.options import Accept, As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.core.failure import BadRequest, Rejected

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.fork import ForkAccepted, ForkRequest
    from interlock.contract.run import Run, RunStatus

app = typer.Typer()
MANY = 50


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
    every: Annotated[
        bool, typer.Option("--all", help="Every failed run that matches the filters; the command asks first.")
    ] = False,
    app: Annotated[str, typer.Option(help="With --all: only runs of this app.")] = "",
    install: Annotated[str, typer.Option(help="With --all: only runs of the install with this name or id.")] = "",
    workflow: Annotated[str, typer.Option(help="With --all: only runs of this workflow.")] = "",
    error: Annotated[str, typer.Option(help="With --all: only runs that failed with this error.")] = "",
    fingerprint: Annotated[str, typer.Option(help="With --all: only runs of this group of failures.")] = "",
    since: Annotated[str, typer.Option(help="With --all: only runs since a time, or this long ago, as 2h.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="With --all: fork at most this many runs.")] = MANY,
    yes: Annotated[bool, typer.Option("--yes", help="With --all: do not ask after the count.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end. The exit code is 1 if it failed.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Run again from one state on. Earlier steps are served from their records, and do not run twice.

    Without --at and without a changed input it goes on from the state that failed. With --all the platform counts
    the runs, skips those that have a fork that succeeded, and forks the others.
    """
    from interlock.contract.fork import ForkRequest
    from interlock.contract.fork_job import ForkJobFilter, ForkJobRequest

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
        chosen = ForkJobFilter(
            app=app, install=install, workflow=workflow, error=error, fingerprint=fingerprint, since=since
        )
        job = ForkJobRequest(filter=chosen, fork=request, limit=limit)
        fork_all(client, tenant, job, yes=yes, machine=machine)
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
    install: str = "",
    workflow: str = "",
    error: str = "",
    fingerprint: str = "",
    status: RunStatus | None = None,
) -> list[Run]:
    """Runs that match filters, newest first."""
    runs = client.runs.iterate(
        tenant,
        app=app,
        install=install,
        workflow=workflow,
        error=error,
        fingerprint=fingerprint,
        status=status,
        most=limit,
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
        if not render.confirm(f"Accept {', '.join(codes)} and go on?"):
            raise typer.Exit(render.REFUSED) from None
    return client.runs.fork(tenant, run, request.model_copy(update={"accept": (*request.accept, *codes)}))


def _print(run: str, accepted: ForkAccepted) -> None:
    where = f" at {accepted.at}" if accepted.at else ""
    render.line(f"{accepted.run} forks {run}{where}; {accepted.reuses} recorded steps are reused.")
    render.line(f"Follow it: interlock run watch {accepted.run}")
