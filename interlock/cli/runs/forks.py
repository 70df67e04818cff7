"""`interlock run fork`: from a recorded run to a new one that runs only what is left or touched."""

import sys
from typing import Annotated, Any

import typer

from interlock.cli.runs.runs import follow
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.core.failure import BadRequest, Failure, Rejected

At = Annotated[str, typer.Option(help="STATE, STATE[INDEX], STATE@2; the one that failed by default.")]
Accept = Annotated[list[str] | None, typer.Option(help="Accept a finding of this code.", metavar="CODE")]
MANY = 50


def fork(
    run: Annotated[str, typer.Argument(help="The run; leave it out with --all.")] = "",
    at: At = "",
    patch: Annotated[str, typer.Option("--input-patch", help="JSON Merge Patch of its input (JSON, @FILE, -).")] = "",
    version: Annotated[str, typer.Option(help="Run another version of the app.")] = "",
    dry: Annotated[bool, typer.Option("--dry", help="Capture effects, perform none.")] = False,
    waits: Annotated[bool, typer.Option("--waits", help="Wait states wait again.")] = False,
    differing: Annotated[str, typer.Option(help="An input differs from its record: stop, run or reuse.")] = "stop",
    stop: Annotated[list[str] | None, typer.Option(help="Stop before this state.", metavar="STATE")] = None,
    accept: Accept = None,
    every: Annotated[bool, typer.Option("--all", help="Every run that matches the filters.")] = False,
    app: Annotated[str, typer.Option(help="With --all: runs of this app.")] = "",
    workflow: Annotated[str, typer.Option(help="With --all: runs of this workflow.")] = "",
    error: Annotated[str, typer.Option(help="With --all: runs that failed by this error.")] = "",
    fingerprint: Annotated[str, typer.Option(help="With --all: runs of this failure.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="With --all: at most so many.")] = MANY,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit code 1 if it failed.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Run again from one state on: what was recorded before it answers, nothing that ended well is run twice.

    Without --at and without an edit it redrives a failed run from the state that failed.
    """
    client, base = as_tenant(profile, tenant)
    asked: dict[str, Any] = {"at": at, "version": version or None, "dry": dry, "waits": waits, "differing": differing}
    asked |= {"breakpoints": stop or [], "accept": accept or []}
    if patch:
        asked["patch"] = json_argument(patch, "--input-patch")
    if every == bool(run):
        raise BadRequest("name one run, or say --all", where="run", next_step="interlock run list --status failed")
    if every:
        filters = {"app": app, "workflow": workflow, "error": error, "fingerprint": fingerprint, "status": "failed"}
        fork_all(client, base, filters, limit, asked, machine=machine)
        return
    made = _asked(client, f"{base}/runs/{run}/forks", asked, machine=machine)
    if wait:
        follow(client, base, made["run"], machine=machine)
    elif machine:
        render.as_json(made)
    else:
        where = f" at {made['at']}" if made["at"] else ""
        render.out.print(f"{made['run']} forks {run}{where}, {made['reuses']} recorded steps answer.")
        render.out.print(f"Follow it: interlock run watch {made['run']}")


def fork_all(
    client: Client, base: str, filters: dict[str, str], limit: int, asked: dict[str, Any], *, machine: bool
) -> None:
    """Fork every run that matches, and report what became of each request; exit code 1 if one was refused."""
    from rich.progress import Progress

    found = matching(client, base, filters, limit)
    report: list[dict[str, Any]] = []
    with Progress(console=render.err, disable=machine or not sys.stderr.isatty()) as progress:
        task = progress.add_task("forking", total=len(found))
        for row in found:
            try:
                report.append({"parent": row["id"]} | client.post(f"{base}/runs/{row['id']}/forks", asked))
            except Failure as failure:
                report.append({"parent": row["id"], "run": "", "refused": failure.code, "what": failure.what})
            progress.advance(task)
    if machine:
        render.as_json(report)
    else:
        rows = [
            [row["parent"], row["run"] or "-", row.get("at", ""), row.get("reuses", ""), row.get("what", "accepted")]
            for row in report
        ]
        render.table(("run", "fork", "at", "reuses", "answer"), rows, "No run matches.")
        refused = sum(not row["run"] for row in report)
        render.out.print(f"{len(report) - refused} accepted, {refused} refused.")
    if any(not row["run"] for row in report):
        raise typer.Exit(render.REFUSED)


def matching(client: Client, base: str, filters: dict[str, str], limit: int) -> list[dict[str, Any]]:
    """Runs that match filters, newest first."""
    return list(client.pages(f"{base}/runs", "runs", limit=limit, **filters))


def _asked(client: Client, path: str, asked: dict[str, Any], *, machine: bool) -> dict[str, Any]:
    """Ask for the fork; where it would be unfaithful, ask the person at a terminal."""
    try:
        return client.post(path, asked)
    except Rejected as refusal:
        codes = sorted({finding.code for finding in refusal.findings})
        if machine or refusal.code != "fork-unfaithful" or not sys.stdin.isatty():
            raise
        render.failure(refusal, machine=False)
        if not typer.confirm(f"Accept {', '.join(codes)} and go on?"):
            raise typer.Exit(render.REFUSED) from None
    return client.post(path, asked | {"accept": [*asked["accept"], *codes]})
