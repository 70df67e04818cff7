"""`interlock run diff` and `interlock run verify`: how runs differ, and whether a new version does the same."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.tree import Tree

from interlock.cli import render
from interlock.cli.client import Client
from interlock.cli.forks import Accept, matching
from interlock.cli.options import As, AsJson, Tenant, as_tenant
from interlock.cli.recorded import diff_fork, diff_recorded
from interlock.cli.waiting import until
from interlock.contract.base import Document
from interlock.contract.diff import Difference, RunDiff
from interlock.contract.failure import BadRequest, Failure, NotFound

LISTED = 40
WIDE = 60
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


def diff(a: str, b: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Compare two runs: path, inputs, outputs, effects, errors, versions, durations. Exit code 3 if they differ."""
    found = diff_recorded(a, b, profile, tenant)
    if machine:
        render.as_json(found.model_dump(mode="json"))
    else:
        _print_diff(found)
    if found.differences:
        raise typer.Exit(render.FINDINGS)


def verify(
    version: Annotated[str, typer.Option(help="The version to verify.")],
    against: Annotated[list[str] | None, typer.Option(help="A recorded run.", metavar="RUN")] = None,
    last: Annotated[int, typer.Option(min=0, max=1000, help="The last so many runs that are over.")] = 0,
    app: Annotated[str, typer.Option(help="With --last: runs of this app.", metavar="PUBLISHER/NAME")] = "",
    workflow: Annotated[str, typer.Option(help="With --last: runs of this workflow.")] = "",
    accept: Accept = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Run a version over recorded runs with captured effects. Exit code 3 if a path, output, error or effect differs.

    Nothing is performed: reads are answered from the recorded journal, effects are captured and compared.
    """
    client, base = as_tenant(profile, tenant)
    if bool(against) == bool(last):
        raise BadRequest("say which runs", where="--against", next_step="--against RUN, or --last 20 --app NAME")
    runs = list(against or ()) or _last(client, base, last, app, workflow)
    asked: dict[str, Any] = {"whole": True, "dry": True, "version": version, "accept": accept or []}
    verdicts = verify_all(client, base, runs, asked, quiet=machine)
    if machine:
        render.as_json([row.model_dump(mode="json") for row in verdicts])
    else:
        _print_verdicts(verdicts, version)
    if any(not row.same for row in verdicts):
        raise typer.Exit(render.FINDINGS)


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


def _print_diff(found: RunDiff) -> None:
    if not found.differences:
        render.out.print(f"{found.a} and {found.b} are the same: path, inputs, outputs, effects and errors.")
    tree = Tree(f"[bold]{found.a}[/bold] and [bold]{found.b}[/bold]: {len(found.differences) + found.more} differences")
    for row in found.differences[:LISTED]:
        node = tree.add(f"[yellow]{row.aspect}[/yellow] {escape(row.where)}{escape(row.field)}")
        node.add(f"[red]- {escape(render.short(row.a, WIDE))}[/red]")
        node.add(f"[green]+ {escape(render.short(row.b, WIDE))}[/green]")
    if found.differences:
        render.out.print(tree)
    hidden = len(found.differences) - LISTED + found.more
    if hidden > 0:
        render.out.print(f"and {hidden} more: --json lists them.")
    rows = [
        [row.where, f"{row.a_ms:.0f}", f"{row.b_ms:.0f}" + (" (reused)" if row.b_reused else "")]
        for row in found.timings[:LISTED]
    ]
    render.table(("step", f"{found.a} ms", f"{found.b} ms"), rows, "No step ran in both.")


def _print_verdicts(verdicts: Sequence[Verdict], version: str) -> None:
    rows: list[list[object]] = []
    for row in verdicts:
        first = row.first
        what = f"{first.aspect} {first.where}{first.field}" if first else row.refused or "-"
        change = f"{render.short(first.a, 30)} -> {render.short(first.b, 30)}" if first else ""
        rows.append([row.run, "same" if row.same else "refused" if row.refused else "differs", what, change, row.fork])
    render.table(("run", "verdict", "first difference", "recorded -> now", "dry run"), rows, "No runs.")
    same = sum(row.same for row in verdicts)
    refused = sum(bool(row.refused) for row in verdicts)
    differ = len(verdicts) - same - refused
    render.out.print(f"{version}: {same} the same, {differ} differ, {refused} refused, of {len(verdicts)} runs.")
