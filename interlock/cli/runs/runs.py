"""`interlock run …` and `interlock tool …`."""

from typing import Annotated, Any

import typer

from interlock.cli.runs.approvals import print_questions, waiting_for
from interlock.cli.runs.recorded import first_and_last, step_rows
from interlock.cli.runs.run_tree import print_run, print_states, print_trace
from interlock.cli.runs.states import states_of
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.cli.terminal.profiles import home
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import NotFound
from interlock.local.imported import find_imported

app = typer.Typer(no_args_is_help=True, help="Runs of a tenant's workflows.")
tool = typer.Typer(no_args_is_help=True, help="Tools that installed apps bring.")
OVER = ("succeeded", "failed", "aborted")
WATCH_SECONDS = 3600
START_SECONDS = 30
SHOWN = 100
"""Steps at the begin and at the end of a long run that are printed."""
Wait = Annotated[bool, typer.Option("--wait", help="Wait for its end; exit code 1 if it failed.")]
Key = Annotated[str, typer.Option(help="An idempotency key: the same key, the same run.")]


@app.command("start")
def start(
    name: Annotated[str, typer.Argument(help="publisher/name of an installed app")],
    workflow: Annotated[str, typer.Option(help="Which workflow, where the app has several.")] = "",
    value: Annotated[str, typer.Option("--input", help="JSON, @FILE or -.")] = "{}",
    key: Key = "",
    tag: Annotated[
        list[str] | None, typer.Option(help="A word to find the run by; may be given several times.")
    ] = None,
    wait: Wait = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Start a workflow of an installed app."""
    client, base = as_tenant(profile, tenant)
    asked = {"app": name, "workflow": workflow, "input": json_argument(value, "--input"), "key": key}
    asked |= {"tags": tag or []}
    _started(client, base, client.post(f"{base}/runs", asked), wait=wait, machine=machine)


@tool.command("call")
def call(
    name: str,
    arguments: Annotated[str, typer.Option(help="JSON, @FILE or -.")] = "{}",
    key: Key = "",
    wait: Wait = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Call a tool: starts its workflow with validated arguments."""
    client, base = as_tenant(profile, tenant)
    asked = {"arguments": json_argument(arguments, "--arguments"), "key": key}
    _started(client, base, client.post(f"{base}/tools/{name}", asked), wait=wait, machine=machine)


@app.command("show")
def show(
    run: str,
    whole: Annotated[bool, typer.Option("--whole", help="Inputs and outputs in full.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help=f"Every step; otherwise the first {SHOWN} and the last {SHOWN}.")
    ] = False,
    trace: Annotated[bool, typer.Option("--trace", help="Its X-Ray trace as a waterfall instead.")] = False,
    states: Annotated[bool, typer.Option("--states", help="Every state of its history instead.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show a run: its steps with state, attempt, duration, input and output; errors with their source line."""
    if states:
        rows = states_of(run, profile, tenant)
        render.as_json([row.model_dump(mode="json") for row in rows]) if machine else print_states(rows)
        return
    if not trace and _show_imported(run, whole=whole, everything=everything, machine=machine):
        return
    client, base = as_tenant(profile, tenant)
    if trace:
        found = client.get(f"{base}/runs/{run}/trace")
        render.as_json(found) if machine else print_trace(found)
        return
    _show(client, base, run, whole=whole, everything=everything, machine=machine)


@app.command("watch")
def watch(run: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Follow a run to its end: a line for each step that begins or ends; exit code 1 if it failed."""
    client, base = as_tenant(profile, tenant)
    follow(client, base, run, machine=machine)


@app.command("stop")
def stop(
    run: str,
    reason: Annotated[str, typer.Option(help="Why, in words for whoever looks at the run.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Stop a run in flight, and wait until it is aborted; a step that is running goes on to its end."""
    client, base = as_tenant(profile, tenant)
    client.post(f"{base}/runs/{run}/stop", {"reason": reason})

    def over() -> dict[str, Any] | None:
        found = client.get(f"{base}/runs/{run}")
        return found if found["status"] in OVER else None

    found = until(over, seconds=START_SECONDS, what=f"the end of {run}", next_step=f"interlock run show {run}")
    if machine:
        render.as_json(found)
    else:
        render.out.print(f"{run}  {render.styled(found['status'])}")


def _started(client: Client, base: str, accepted: dict[str, Any], *, wait: bool, machine: bool) -> None:
    if wait:
        follow(client, base, accepted["run"], machine=machine)
    elif machine:
        render.as_json(accepted)
    else:
        render.out.print(f"Run {accepted['run']} is accepted. Follow it: interlock run watch {accepted['run']}")


def _show_imported(run: str, *, whole: bool, everything: bool, machine: bool) -> bool:
    """Show a run that came in a file; False where there is none."""
    found = find_imported(home().resolve(), run)
    if found is None:
        return False
    row = found.run.model_dump(mode="json")
    steps = [step.model_dump(mode="json") for step in found.steps]
    if machine:
        render.as_json(row | {"steps": steps, "imported": found.manifest.model_dump(mode="json")})
        return True
    render.err.print(f"[dim]imported, {found.manifest.words}[/dim]")
    whole_list = everything or len(steps) <= 2 * SHOWN
    print_run(row, steps if whole_list else steps[:SHOWN], [] if whole_list else steps[-SHOWN:], whole=whole)
    return True


def _show(
    client: Client, base: str, run: str, *, whole: bool, machine: bool, everything: bool = False
) -> dict[str, Any]:
    found = client.get(f"{base}/runs/{run}", whole="true" if whole else "")
    if machine or everything:
        first, last = list(step_rows(client, base, run, whole=whole)), []
    else:
        first, last = first_and_last(client, base, run, SHOWN, whole=whole)
    asked = waiting_for(client, base, found)
    if machine:
        render.as_json(found | {"steps": first, "approvals": asked})
    else:
        print_run(found, first, last, whole=whole)
        print_questions(asked)
    return found


def follow(client: Client, base: str, run: str, *, machine: bool) -> None:
    """Follow a run to its end or its next pause; exit code 1 if it failed."""
    told: set[tuple[str, str]] = set()

    def there() -> dict[str, Any] | None:
        try:
            return client.get(f"{base}/runs/{run}")
        except NotFound:
            return None

    def over() -> dict[str, Any] | None:
        found = client.get(f"{base}/runs/{run}")
        if not machine:
            for step in step_rows(client, base, run, whole=False):
                word = (step["entered"] + step["state"] + str(step["attempt"]) + str(step["index"]), step["status"])
                if word not in told:
                    told.add(word)
                    render.err.print(f"  {step['state']:<30} {render.styled(step['status'])}")
        return found if found["status"] in (*OVER, "paused") else None

    until(there, seconds=START_SECONDS, what=f"the start of {run}", next_step=f"interlock run show {run}")
    until(over, seconds=WATCH_SECONDS, what=f"the end of {run}", next_step=f"interlock run show {run}")
    found = _show(client, base, run, whole=False, machine=machine)
    if found["status"] in ("failed", "aborted"):
        raise typer.Exit(render.REFUSED)
