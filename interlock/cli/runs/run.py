"""`interlock run start|show|watch|stop`: runs of a tenant's workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.runs.follow import OVER, START_SECONDS, answer_accepted, follow, show_run
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.cli.terminal.wait import until

if TYPE_CHECKING:
    from interlock.contract.run import Run
    from interlock.local.imported import ImportedRun

app = typer.Typer()
Wait = Annotated[bool, typer.Option("--wait", help="Wait for its end. The exit code is 1 if it failed.")]
Key = Annotated[str, typer.Option(help="An idempotency key: the same key answers the same run.")]


@app.command("start")
def start(
    name: Annotated[str, typer.Argument(help="publisher/name of an installed app")],
    install: Annotated[str, typer.Option(help="The name of the install, if the app has several.")] = "",
    workflow: Annotated[str, typer.Option(help="The workflow, if the app has several.")] = "",
    value: Annotated[str, typer.Option("--input", help="The input: JSON, @FILE or -.")] = "{}",
    key: Key = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag to find the run by; may be repeated.")] = None,
    wait: Wait = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Start a workflow of an installed app."""
    from interlock.contract.run_request import RunRequest

    client, tenant = as_tenant(profile, tenant)
    request = RunRequest(
        app=name,
        install=install,
        workflow=workflow,
        input=json_argument(value, "--input"),
        key=key,
        tags=tuple(tag or ()),
    )
    answer_accepted(client, tenant, client.runs.start(tenant, request), wait=wait, machine=machine)


@app.command("show")
def show(
    run: str,
    whole: Annotated[bool, typer.Option("--whole", help="Print inputs and outputs in full.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every step, not only the first 100 and the last 100.")
    ] = False,
    trace: Annotated[bool, typer.Option("--trace", help="Print its X-Ray trace as a waterfall instead.")] = False,
    states: Annotated[
        bool, typer.Option("--states", help="Print every state instead, with each stage of its data flow.")
    ] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show a run: its steps with state, attempt, duration, input and output; errors with their source line."""
    from interlock.cli.runs.recorded import imported

    if states:
        _show_states(run, profile, tenant, whole=whole, machine=machine)
    elif trace:
        _show_trace(run, profile, tenant, machine=machine)
    elif (file := imported(run)) is not None:
        _show_imported(file, whole=whole, everything=everything, machine=machine)
    else:
        client, tenant = as_tenant(profile, tenant)
        show_run(client, tenant, run, whole=whole, everything=everything, machine=machine)


@app.command("watch")
def watch(run: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Follow a run to its end, with a line for each step that begins or ends. The exit code is 1 if it failed."""
    client, tenant = as_tenant(profile, tenant)
    follow(client, tenant, run, machine=machine)


@app.command("stop")
def stop(
    run: str,
    reason: Annotated[str, typer.Option(help="Why, for the people who look at the run.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Stop a run in flight, and wait until it is aborted. A step that is running goes on to its end."""
    from interlock.contract.run_request import StopRequest

    client, tenant = as_tenant(profile, tenant)
    client.runs.stop(tenant, run, StopRequest(reason=reason))

    def over() -> Run | None:
        state = client.runs.get(tenant, run)
        return state if state.status.value in OVER else None

    step = f"interlock run show {run}"
    after = until(over, seconds=START_SECONDS, what=f"the end of {run}", next_step=step)
    render.answer(after, f"{run}  {after.status.value}", machine=machine)


def _show_states(run: str, profile: str | None, tenant: str, *, whole: bool, machine: bool) -> None:
    from interlock.cli.runs.run_tree import print_states
    from interlock.cli.runs.states import states_of

    rows = states_of(run, profile, tenant)
    render.answer(rows, lambda: print_states(rows, whole=whole), machine=machine)


def _show_trace(run: str, profile: str | None, tenant: str, *, machine: bool) -> None:
    from interlock.cli.runs.run_tree import print_trace

    client, tenant = as_tenant(profile, tenant)
    trace = client.runs.get_trace(tenant, run)
    render.answer(trace, lambda: print_trace(trace), machine=machine)


def _show_imported(file: ImportedRun, *, whole: bool, everything: bool, machine: bool) -> None:
    from interlock.cli.runs.run_tree import SHOWN, print_run

    if machine:
        value = file.run.model_dump(mode="json")
        render.as_json(value | {"steps": file.steps, "imported": file.manifest})
        return
    render.note(f"imported, {file.manifest.words}", "dim")
    if everything or len(file.steps) <= 2 * SHOWN:
        print_run(file.run, file.steps, whole=whole)
    else:
        print_run(file.run, file.steps[:SHOWN], file.steps[-SHOWN:], whole=whole)
