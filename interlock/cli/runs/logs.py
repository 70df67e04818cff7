"""`interlock run logs`: what the steps of a run printed and logged."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.cli.terminal.wait import WATCH_SECONDS, until

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.log import LogLine
    from interlock.contract.run import Run

app = typer.Typer()
COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}
EMPTY = "The steps printed and logged nothing, or their lines are past their retention."


@app.command("logs")
def logs(
    run: str,
    state: Annotated[str, typer.Option(help="Only lines of this state.")] = "",
    follow: Annotated[bool, typer.Option("--follow", help="Go on until the run is over.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Print what the steps of a run printed and logged, in the order of time.

    With --follow and --json each line is one JSON object.
    """
    client, tenant = as_tenant(profile, tenant)
    if follow:
        _follow(client, tenant, run, state, machine=machine)
        return
    lines = read_lines(client, tenant, run, state)
    empty = f"{state} printed and logged nothing. All lines: interlock run logs {run}" if state else EMPTY
    render.answer(lines, lambda: print_lines(lines) if lines else render.line(empty, "dim"), machine=machine)


def read_lines(client: Client, tenant: str, run: str, state: str = "") -> list[LogLine]:
    """Every line of a run, in the order of time."""
    return sorted(client.logs.iterate(tenant, run, state=state), key=lambda line: line.at)


def print_lines(lines: list[LogLine]) -> None:
    """Print lines: time, state, attempt, level, message, fields."""
    for line in lines:
        render.line(_text(line), COLOURS.get(line.level, ""))
        for row in line.exception.splitlines():
            render.line(render.visible(f"    {row}"), "dim")


def _text(line: LogLine) -> str:
    index = f"[{line.index}]" if line.index is not None else ""
    attempt = f" attempt {line.attempt + 1}" if line.attempt else ""
    level = "" if line.level == "INFO" else f"{line.level} "
    fields = "".join(f" {name}={render.short(value)}" for name, value in line.fields.items())
    dry = "dry " if line.dry else ""
    return render.visible(f"{line.at[11:23]} {dry}{line.state}{index}{attempt}  {level}{line.message}{fields}")


def _follow(client: Client, tenant: str, run: str, state: str, *, machine: bool) -> None:
    """Print lines as they come. A run's state is read before its lines, so that the last ones are not missed."""
    printed: Counter[str] = Counter()

    def look() -> Run | None:
        current = client.runs.get(tenant, run)
        lines = read_lines(client, tenant, run, state)
        fresh = _not_in(printed, lines)
        if machine:
            for line in fresh:
                render.json_line(line)
        else:
            print_lines(fresh)
        return current if current.status.over else None

    until(look, seconds=WATCH_SECONDS, what=f"the end of {run}", next_step=f"interlock run logs {run}")


def _not_in(printed: Counter[str], lines: list[LogLine]) -> list[LogLine]:
    """The lines that were not printed yet, which are printed now. A line of another function may come late."""
    now: Counter[str] = Counter()
    fresh: list[LogLine] = []
    for line in lines:
        text = line.model_dump_json()
        now[text] += 1
        if now[text] > printed[text]:
            printed[text] += 1
            fresh.append(line)
    return fresh
