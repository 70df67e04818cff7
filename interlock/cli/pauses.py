"""`interlock pause …`: steps that a breakpoint stopped."""

from typing import Annotated, Any

import typer

from interlock.cli import render
from interlock.cli.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.failure import BadRequest

app = typer.Typer(no_args_is_help=True, help="Steps that a breakpoint stopped.")


@app.command("list")
def listed(run: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List a run's pauses."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/runs/{run}/pauses")["pauses"]
    if machine:
        render.as_json(found)
        return
    rows = [
        [row["id"], row["state"], row["at"], row["status"], row["armed_by"], row["since"], render.body(row["input"])]
        for row in found
    ]
    render.table(("pause", "state", "at", "status", "armed by", "since", "input"), rows, "No pauses.")


@app.command("add")
def add(
    run: str,
    state: Annotated[str, typer.Option(help="A state's name, or a pattern such as 'write*'.")] = "*",
    at: Annotated[str, typer.Option(help="before, after or error.")] = "before",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Stop a run in flight at its next step of that name."""
    client, base = as_tenant(profile, tenant)
    made = client.post(f"{base}/runs/{run}/breakpoints", {"state": state, "at": at})
    if machine:
        render.as_json(made)
    else:
        render.out.print(f"Armed {at} {state}. See: interlock pause list {run}")


@app.command("resume")
def resume(
    run: str,
    pause: str,
    value: Annotated[str, typer.Option("--input", help="Go on with this input (JSON, @FILE, -).")] = "",
    output: Annotated[str, typer.Option(help="Skip the step: this is its output (JSON, @FILE, -).")] = "",
    error: Annotated[str, typer.Option(help="Fail the step with this error's name.")] = "",
    cause: Annotated[str, typer.Option(help="The error's cause.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Let a paused step go on: as it is, with another input, with a given output, or with an error."""
    if sum(bool(word) for word in (value, output, error)) > 1:
        raise BadRequest("choose one of --input, --output and --error", where="options")
    decision: dict[str, Any] = {"action": "go"}
    if value:
        decision = {"action": "go", "edited": True, "input": json_argument(value, "--input")}
    elif output:
        decision = {"action": "output", "output": json_argument(output, "--output")}
    elif error:
        decision = {"action": "error", "error": error, "cause": cause}
    client, base = as_tenant(profile, tenant)
    done = client.post(f"{base}/runs/{run}/pauses/{pause}", decision)
    if machine:
        render.as_json(done)
    else:
        render.out.print(f"{done['state']} goes on. Follow it: interlock run watch {run}")
