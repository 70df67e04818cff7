"""What people did to a run, below it in `run show`: where it stands paused, what they decided, what it is a fork of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from interlock.cli.terminal import render

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.people import NameOf
    from interlock.contract.run import Pause, Run

WIDE = 100
FORKS = 10
"""So many forks of a run are shown; `run list` has all."""


def pauses_of(client: Client, tenant: str, run: Run) -> tuple[Pause, ...]:
    """The pauses of a run; one call, and none for a run that was never paused."""
    if not (run.open_pauses or run.paused_ms):
        return ()
    return client.pauses.list(tenant, run.id).pauses


def forks_of(client: Client, tenant: str, run: Run) -> tuple[Run, ...]:
    """The newest forks of a run that is over."""
    return client.runs.list_forks(tenant, run.id, limit=FORKS).runs if run.status.over else ()


def print_interventions(run: Run, pauses: Sequence[Pause], forks: Sequence[Run], name_of: NameOf) -> None:
    """Print the run's parent, where it stands, what people decided at its pauses, and its forks."""
    if run.fork is not None:
        how = "a dry fork" if run.fork.dry else "a fork"
        edited = ", with another input" if run.fork.edited else ""
        at = f" at {run.fork.at}" if run.fork.at else ""
        render.line(f"This is {how} of {run.fork.parent}{at}{edited}.", "dim")
    for pause in pauses:
        if pause.approval:
            continue
        _print_pause(run, pause, name_of)
    for fork in forks:
        dry = " (dry)" if fork.dry else ""
        at = f" at {fork.fork.at}" if fork.fork and fork.fork.at else ""
        render.line(f"Forked{at} as {fork.id}{dry}: {fork.status.value}.", "dim")


def _print_pause(run: Run, pause: Pause, name_of: NameOf) -> None:
    place = render.visible(pause.state) + (f"[{pause.index}]" if pause.index is not None else "")
    if pause.decision is None:
        render.line(
            f"It stands {pause.at} {place}, at breakpoint {pause.breakpoint} of {name_of(pause.armed_by)}.", "yellow"
        )
        render.line(f"  To go on: interlock pause resume {run.id} {pause.id}")
        return
    decision, by = pause.decision, name_of(pause.decision.by)
    match decision.action:
        case "output":
            text = f"{by} skipped {place}, with this output: {render.short(decision.output, WIDE)}"
        case "error":
            text = f"{by} failed {place} with {render.visible(decision.error)}"
        case "retry":
            text = f"{by} let {place} run again"
        case "go" if decision.edited:
            text = f"{by} edited the input of {place}: {render.short(decision.input, WIDE)}"
        case _:
            text = f"{by} let {place} go on"
    render.line(f"{text}.", "dim")
