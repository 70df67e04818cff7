"""`interlock pause …`: steps that a breakpoint stopped."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.tree import Tree

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.core.failure import BadRequest

app = typer.Typer(no_args_is_help=True, help="Steps that a breakpoint stopped.")
WIDE = 400
LISTED = 100


@app.command("list")
def listed(
    run: Annotated[str, typer.Argument(help="A run; every paused run of the tenant if none is named.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List the pauses of a run, or of every run that is paused."""
    client, base = as_tenant(profile, tenant)
    names = [run] if run else [row["id"] for row in client.get(f"{base}/runs", status="paused", limit=LISTED)["runs"]]
    found = [pause for name in names for pause in client.get(f"{base}/runs/{name}/pauses")["pauses"]]
    if not run:
        found = [pause for pause in found if pause["status"] != "taken"]
    if machine:
        render.as_json(found)
        return
    columns = ("pause", "run", "state", "at", "status", "armed by", "since", "input")
    render.table(columns, map(_row, found), "No pauses. Arm a breakpoint: interlock break add RUN --state NAME")


@app.command("show")
def show(run: str, pause: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show a pause: who armed it, the step's input, and what the step answered if it ran."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/runs/{run}/pauses/{pause}")
    if machine:
        render.as_json(found)
        return
    index = f"[{found['index']}]" if found["index"] is not None else ""
    tree = Tree(
        f"[bold]{escape(found['state'] + index)}[/bold]  stopped {found['at']}, {render.styled(found['status'])}"
        f"  [dim]armed by {escape(found['armed_by'])}, since {found['since']}[/dim]"
    )
    for word in ("input", "output"):
        if found[word]:
            tree.add(f"{word} {escape(render.body(found[word], WIDE))}")
    if found["error"]:
        tree.add(f"[red]{escape(found['error']['name'])}[/red]: {escape(found['error']['message'])}")
    render.out.print(tree)
    if found["status"] == "waiting":
        render.out.print(f"Go on: interlock pause resume {run} {pause}")


@app.command("resume")
def resume(
    run: str,
    pause: str,
    value: Annotated[str, typer.Option("--input", help="Run the step with this input (JSON, @FILE, -).")] = "",
    output: Annotated[str, typer.Option(help="Skip the step: this is its output (JSON, @FILE, -).")] = "",
    error: Annotated[str, typer.Option(help="Fail the step with this error's name.")] = "",
    cause: Annotated[str, typer.Option(help="The error's cause.")] = "",
    retry: Annotated[bool, typer.Option("--retry", help="Run the step again, after it ran.")] = False,
    step: Annotated[bool, typer.Option("--step", help="Stop again at the next step.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Let a paused step go on: as it is, again, with another input, with a given output, or with an error."""
    if sum(bool(word) for word in (value, output, error, retry)) > 1:
        raise BadRequest("choose one of --input, --output, --error and --retry", where="options")
    decision: dict[str, Any] = {"action": "retry" if retry else "go"}
    if value:
        decision = {"action": "go", "edited": True, "input": json_argument(value, "--input")}
    elif output:
        decision = {"action": "output", "output": json_argument(output, "--output")}
    elif error:
        decision = {"action": "error", "error": error, "cause": cause}
    client, base = as_tenant(profile, tenant)
    done = client.post(f"{base}/runs/{run}/pauses/{pause}", decision | {"step": step})
    if machine:
        render.as_json(done)
    else:
        render.out.print(f"{done['state']} goes on. Follow it: interlock run watch {run}")


def _row(row: dict[str, Any]) -> list[object]:
    index = f"[{row['index']}]" if row["index"] is not None else ""
    state = row["state"] + index
    words = [row["id"], row["run"], state, row["at"], row["status"], row["armed_by"], row["since"]]
    return [*words, render.body(row["input"])]
