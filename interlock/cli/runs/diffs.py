"""`interlock run diff`: how two runs differ."""

import typer
from rich.markup import escape
from rich.tree import Tree

from interlock.cli.runs.recorded import diff_recorded
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant
from interlock.contract.diff import RunDiff

LISTED = 40
WIDE = 60
VERIFY_SECONDS = 600


def diff(a: str, b: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Compare two runs: path, inputs, outputs, effects, errors, versions, durations. Exit code 3 if they differ."""
    found = diff_recorded(a, b, profile, tenant)
    if machine:
        render.as_json(found.model_dump(mode="json"))
    else:
        _print_diff(found)
    if found.differences:
        raise typer.Exit(render.FINDINGS)


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
