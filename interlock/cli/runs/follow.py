"""Follows a run to its end or its next pause, for the commands that start runs or watch them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interlock.cli.runs.approval import print_questions, waiting_for
from interlock.cli.terminal import render
from interlock.cli.terminal.people import names_of
from interlock.cli.terminal.wait import WATCH_SECONDS, until
from interlock.contract.core.failure import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from interlock.cli.terminal.client import Client
    from interlock.contract.run import Run
    from interlock.contract.run_request import RunAccepted

OVER = ("succeeded", "failed", "aborted")
START_SECONDS = 30
LAST_LINES = 5
"""So many lines of the log are shown below a run that failed."""


def answer_accepted(client: Client, tenant: str, accepted: RunAccepted, *, wait: bool, machine: bool) -> None:
    """Print a run that was accepted, or follow it."""
    if wait:
        follow(client, tenant, accepted.run, machine=machine)
        return
    text = f"Run {accepted.run} is accepted. Follow it: interlock run watch {accepted.run}"
    render.answer(accepted, text, machine=machine)


def follow(client: Client, tenant: str, run: str, *, machine: bool) -> None:
    """Follow a run to its end or its next pause, and print it; the exit code is 1 if it failed."""
    step = f"interlock run show {run}"
    until(_started(client, tenant, run), seconds=START_SECONDS, what=f"the start of {run}", next_step=step)
    ended = _ended(client, tenant, run, quiet=machine)
    until(ended, seconds=WATCH_SECONDS, what=f"the end of {run}", next_step=step)
    after = show_run(client, tenant, run, whole=False, everything=False, machine=machine)
    if after.status.value in ("failed", "aborted"):
        raise typer.Exit(render.REFUSED)


def show_run(client: Client, tenant: str, run: str, *, whole: bool, everything: bool, machine: bool) -> Run:
    """Print a run with its steps, and what it asks people."""
    from interlock.cli.runs.interventions import forks_of, pauses_of, print_interventions
    from interlock.cli.runs.items import items_of
    from interlock.cli.runs.recorded import first_and_last
    from interlock.cli.runs.run_tree import SHOWN, print_run

    shown = client.runs.get(tenant, run, whole=whole)
    if machine or everything:
        first, last = tuple(client.recorded_steps.iterate(tenant, run, whole=whole)), ()
    else:
        first, last = first_and_last(client, tenant, run, SHOWN, whole=whole)
    pauses = pauses_of(client, tenant, shown)
    approvals = waiting_for(client, tenant, pauses)
    forks = forks_of(client, tenant, shown)
    if machine:
        others = {"approvals": approvals, "pauses": pauses, "forks": [fork.id for fork in forks]}
        render.as_json(shown.model_dump(mode="json") | {"steps": first} | others)
    else:
        print_run(shown, first, last, whole=whole, items=items_of(client, tenant, run, (*first, *last)))
        print_interventions(shown, pauses, forks, names_of(client, tenant))
        _print_last_lines(client, tenant, shown)
        print_questions(approvals)
    return shown


def _print_last_lines(client: Client, tenant: str, run: Run) -> None:
    """The last lines that the state wrote at which a run failed, where the first page has any."""
    if run.failed is None or not run.failed.state:
        return
    from interlock.cli.runs.logs import print_lines

    page = client.logs.list(tenant, run.id, state=run.failed.state)
    lines = sorted(page.lines, key=lambda line: line.at)[-LAST_LINES:]
    if lines:
        render.line(f"the last lines of {run.failed.state} (all: interlock run logs {run.id}):", "dim")
        print_lines(lines)


def _started(client: Client, tenant: str, run: str) -> Callable[[], Run | None]:
    def ask() -> Run | None:
        try:
            return client.runs.get(tenant, run)
        except NotFound:
            return None

    return ask


def _ended(client: Client, tenant: str, run: str, *, quiet: bool) -> Callable[[], Run | None]:
    # Late: a run's models are half of the start of each command that can follow one.
    from interlock.contract.fork import Position

    printed: set[tuple[str, str, int, int | None, str]] = set()

    def ask() -> Run | None:
        state = client.runs.get(tenant, run)
        for step in () if quiet else client.recorded_steps.iterate(tenant, run):
            visit = (step.entered, step.state, step.attempt, step.index, step.status.value)
            if visit not in printed:
                printed.add(visit)
                attempt = f"  attempt {step.attempt + 1}" if step.attempt else ""
                summary = f"  {step.summary}" if step.summary else ""
                render.note(f"  {Position(step.state, step.index)!s:<30} {step.status.value}{attempt}{summary}")
        return state if state.status.value in (*OVER, "paused") else None

    return ask
