"""`interlock doctor`: everything on this machine that can be wrong."""

from __future__ import annotations

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson

app = typer.Typer()
MARKS = {"ok": ("✔", "green"), "warning": ("!", "yellow"), "wrong": ("✘", "red")}


@app.command("doctor")
def doctor(profile: As = None, machine: AsJson = False) -> None:
    """Look at everything on this machine that can be wrong, and say what to do. The exit code is 1 if something is."""
    from interlock.cli.develop.checks import run_checks

    rows = list(run_checks(profile))

    def show() -> None:
        for row in rows:
            mark, style = MARKS[row.state]
            render.line(f"{mark} {row.name:<18} {render.visible(row.detail)}", style if row.state != "ok" else "")
            if row.fix:
                render.line(f"  {'':<18} {row.fix}", "dim")

    render.answer([row._asdict() for row in rows], show, machine=machine)
    if any(row.state == "wrong" for row in rows):
        raise typer.Exit(render.REFUSED)
