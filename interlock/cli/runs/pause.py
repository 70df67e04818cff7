"""`interlock pause …`: steps that a breakpoint stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.cli.terminal.people import NameOf, names_of
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.contract.run import NewDecision, Pause

app = typer.Typer()
WIDE = 400
LISTED = 100
COLUMNS = ("pause", "run", "state", "at", "status", "armed by", "since", "input")


@app.command("list")
def list_(
    run: Annotated[str, typer.Argument(help="A run; without it every paused run of the tenant.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List the pauses of a run, or of every paused run."""
    from interlock.contract.run import PauseStatus, RunStatus

    client, tenant = as_tenant(profile, tenant)
    if run:
        pauses = list(client.pauses.list(tenant, run).pauses)
    else:
        paused = client.runs.list(tenant, status=RunStatus.PAUSED, limit=LISTED).runs
        every = [pause for row in paused for pause in client.pauses.list(tenant, row.id).pauses]
        pauses = [pause for pause in every if pause.status is not PauseStatus.TAKEN]
    empty = "There are no pauses. Arm a breakpoint: interlock break add RUN --state NAME"
    name_of = names_of(client, tenant)
    rows = (_row(row, name_of) for row in pauses)
    render.answer(pauses, lambda: render.table(COLUMNS, rows, empty), machine=machine)


@app.command("show")
def show(run: str, pause: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show a pause: who armed it, the step's input, and its output or error if it ran."""
    client, tenant = as_tenant(profile, tenant)
    shown = client.pauses.get(tenant, run, pause)
    render.answer(shown, lambda: _print(shown, names_of(client, tenant)), machine=machine)


@app.command("take")
def take(run: str, pause: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Take a pause to decide it: for an hour no copilot decides it, also none that was about to."""
    client, tenant = as_tenant(profile, tenant)
    taken = client.pauses.take(tenant, run, pause)
    copilot = "The copilot of " if taken.hand and taken.hand.preempted_agent else ""
    before = f" {copilot}{taken.hand.preempted} had it before." if taken.hand and taken.hand.preempted else ""
    step = f"Decide it: interlock pause resume {run} {pause}"
    render.answer(taken, f"The pause is yours.{render.visible(before)} {step}", machine=machine)


@app.command("release")
def release(run: str, pause: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Let copilots decide a pause again."""
    client, tenant = as_tenant(profile, tenant)
    released = client.pauses.release(tenant, run, pause)
    render.answer(released, "Copilots may decide the pause again.", machine=machine)


@app.command("resume")
def resume(
    run: str,
    pause: str,
    value: Annotated[str, typer.Option("--input", help="Run the step with this input: JSON, @FILE or -.")] = "",
    output: Annotated[str, typer.Option(help="Skip the step; this is its output: JSON, @FILE or -.")] = "",
    error: Annotated[str, typer.Option(help="Fail the step with the error of this name.")] = "",
    cause: Annotated[str, typer.Option(help="The error's cause.")] = "",
    retry: Annotated[bool, typer.Option("--retry", help="Run the step again, after it ran.")] = False,
    step: Annotated[bool, typer.Option("--step", help="Stop again at the next step.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Let a paused step go on: as it is, again, with another input, with an output, or with an error."""
    if sum(bool(option) for option in (value, output, error, retry)) > 1:
        what = "a pause is resumed in one way"
        raise BadRequest(what, where="options", next_step="Use one of --input, --output, --error and --retry.")
    client, tenant = as_tenant(profile, tenant)
    decision = _decision(value, output, error, cause, retry=retry).model_copy(update={"step": step})
    resumed = client.pauses.resume(tenant, run, pause, decision)
    text = f"{resumed.state} goes on. Follow it: interlock run watch {run}"
    render.answer(resumed, text, machine=machine)


def _decision(value: str, output: str, error: str, cause: str, *, retry: bool) -> NewDecision:
    from interlock.contract.run import NewDecision

    if value:
        return NewDecision(action="go", edited=True, input=json_argument(value, "--input"))
    if output:
        return NewDecision(action="output", output=json_argument(output, "--output"))
    if error:
        return NewDecision(action="error", error=error, cause=cause)
    return NewDecision(action="retry" if retry else "go")


def _place(pause: Pause) -> str:
    return f"{pause.state}[{pause.index}]" if pause.index is not None else pause.state


def _print(pause: Pause, name_of: NameOf) -> None:
    escape = render.escape
    tree = render.tree(
        f"[bold]{escape(_place(pause))}[/bold]  stopped {pause.at}, {render.styled(pause.status.value)}"
        f"  [dim]armed by {escape(name_of(pause.armed_by))}, since {pause.since}[/dim]"
    )
    if pause.hand is not None:
        who = "the copilot of " if pause.hand.agent else ""
        tree.add(f"taken by {who}{escape(name_of(pause.hand.by))} until {pause.hand.until}")
    for name, recorded in (("input", pause.input), ("output", pause.output)):
        if recorded is not None:
            tree.add(f"{name} {escape(render.body(recorded, WIDE))}")
    if pause.error:
        tree.add(f"[red]{escape(pause.error.name)}[/red]: {escape(pause.error.message)}")
    render.out().print(tree)
    if pause.status.value == "waiting":
        render.line(f"Let it go on: interlock pause resume {pause.run} {pause.id}")


def _row(row: Pause, name_of: NameOf) -> list[object]:
    cells = [row.id, row.run, _place(row), row.at, row.status.value, name_of(row.armed_by), row.since]
    return [*cells, render.body(row.input)]
