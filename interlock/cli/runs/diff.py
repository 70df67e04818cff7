"""`interlock run diff`: how two runs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant

if TYPE_CHECKING:
    from interlock.contract.diff import RunDiff

app = typer.Typer()
LISTED = 40
WIDE = 60


@app.command("diff")
def diff(a: str, b: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Compare two runs: path, inputs, outputs, effects, errors, versions, durations.

    The exit code is 3 if they differ.
    """
    from interlock.cli.runs.recorded import diff_recorded

    difference = diff_recorded(a, b, profile, tenant)
    render.answer(difference, lambda: _print(difference), machine=machine)
    if difference.differences:
        raise typer.Exit(render.FINDINGS)


def _print(difference: RunDiff) -> None:
    a = _run(difference.a, dry=difference.a_dry)
    b = _run(difference.b, dry=difference.b_dry)
    rows, escape = difference.differences, render.escape
    if not rows:
        render.line(f"{a} and {b} are the same: path, inputs, outputs, effects and errors.")
    tree = render.tree(f"[bold]{a}[/bold] and [bold]{b}[/bold]: {len(rows) + difference.more} differences")
    for row in rows[:LISTED]:
        node = tree.add(f"[yellow]{row.aspect}[/yellow] {escape(row.where)}{escape(row.field)}")
        node.add(f"[red]- {escape(render.short(row.a, WIDE))}[/red]")
        node.add(f"[green]+ {escape(render.short(row.b, WIDE))}[/green]")
    if rows:
        render.out().print(tree)
    hidden = len(rows) - LISTED + difference.more
    if hidden > 0:
        render.line(f"and {hidden} more: --json lists them.")
    if difference.unread:
        render.line(f"Of {difference.unread} more visits that differ, only the digests were compared.")
    timings = (
        [row.where, f"{row.a_ms:.0f}", f"{row.b_ms:.0f}" + (" (reused)" if row.b_reused else "")]
        for row in difference.timings[:LISTED]
    )
    render.table(("step", f"{a} ms", f"{b} ms"), timings, "No step ran in both.")


def _run(run: str, *, dry: bool) -> str:
    return f"{run} (dry)" if dry else run
