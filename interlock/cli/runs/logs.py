"""`interlock run logs`: what the steps of a run printed and logged."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.cli.terminal.wait import WATCH_SECONDS, until
from interlock.contract.core.base import moment, parse_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interlock.cli.terminal.client import Client
    from interlock.contract.log import LogLine
    from interlock.contract.run import Run

app = typer.Typer()
COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}
LATE = timedelta(seconds=60)
"""Lines of functions that run at the same time arrive out of order, on AWS within seconds of each other."""
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


def read_lines(client: Client, tenant: str, run: str, state: str = "", since: str = "") -> list[LogLine]:
    """The lines of a run from a time on, empty for all, in the order of time."""
    return sorted(client.logs.iterate(tenant, run, state=state, since=since), key=lambda line: line.at)


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


class Tail:
    """Which lines of a run were printed, and from when on the next look reads them."""

    def __init__(self) -> None:
        """Begin with no line printed."""
        self._printed: Counter[str] = Counter()
        self._last = ""

    def since(self, *, over: bool) -> str:
        """From when on lines are read: LATE before the last one; empty, for all lines, at first and once it is over.

        Args:
            over: whether the run is over.
        """
        return "" if over or not self._last else moment(parse_moment(self._last) - LATE)

    def fresh(self, lines: Sequence[LogLine]) -> list[LogLine]:
        """Those of a look's lines that no earlier look had; equal lines count as many times as they are there."""
        before, now = self._printed.copy(), Counter[str]()
        fresh: list[LogLine] = []
        for line in lines:
            text = line.model_dump_json()
            now[text] += 1
            if now[text] > before[text]:
                self._printed[text] += 1
                fresh.append(line)
            self._last = max(self._last, line.at)
        return fresh


def _follow(client: Client, tenant: str, run: str, state: str, *, machine: bool) -> None:
    """Print lines as they come. A run's state is read before its lines, so that the last ones are not missed."""
    tail = Tail()

    def look() -> Run | None:
        current = client.runs.get(tenant, run)
        fresh = tail.fresh(read_lines(client, tenant, run, state, tail.since(over=current.status.over)))
        if machine:
            for line in fresh:
                render.json_line(line)
        else:
            print_lines(fresh)
        return current if current.status.over else None

    until(look, seconds=WATCH_SECONDS, what=f"the end of {run}", next_step=f"interlock run logs {run}")
