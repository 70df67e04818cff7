"""`interlock event dead …`: events that were accepted and did not become runs."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.tree import Tree

from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Limit, Tenant, as_kind, as_tenant
from interlock.contract.core.failure import BadRequest

app = typer.Typer(no_args_is_help=True, help="Events and other starts that were accepted and did not become runs.")
PAYLOAD_CHARS = 2_000
State = Annotated[str, typer.Option(help="dead, redriven or dropped.")]
Install = Annotated[str, typer.Option(help="Only this install's.")]
Deployment = Annotated[bool, typer.Option("--cell", help="What nobody could read, of no tenant; for the operator.")]


@app.command("list")
def listed(
    state: State = "dead",
    install: Install = "",
    of_app: Annotated[str, typer.Option("--app", help="PUBLISHER/NAME: its publisher's view, no payload.")] = "",
    cell: Deployment = False,
    limit: Limit = 50,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List dead letters, newest first: cause, install, event, how often."""
    client, path = _place(profile, tenant, cell=cell, of_app=of_app)
    found = list(client.pages(path, "letters", limit=limit, state=state, install=install))
    if machine:
        render.as_json(found)
        return
    columns = ("letter", "cause", "app", "install", "event", "count", "last", "what")
    render.table(columns, map(_row, found), f"No {state} letters.")


@app.command("show")
def show(
    letter: str, cell: Deployment = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """Show a dead letter: its cause, the chain that led to it, its payload, and the run that it became after all."""
    client, path = _place(profile, tenant, cell=cell)
    found = client.get(f"{path}/{letter}")
    if machine:
        render.as_json(found)
        return
    row = found["letter"]
    tree = Tree(f"[bold]{letter}[/bold]  {render.styled(row['state'])}  [red]{escape(row['code'])}[/red]")
    tree.add(escape(row["what"]))
    if row["trigger"]:
        tree.add(escape(f"{row['app'] or 'an app that is gone'}, install {row['install']}, {row['workflow']}"))
        tree.add(
            escape(f"{row['trigger']}, id {row['event_id']}" + (f", replay {row['replay']}" * bool(row["replay"])))
        )
    tree.add(f"{row['count']} x, first {row['first']}, last {row['last']}")
    if row["chain"]:
        chain = tree.add("the runs that led to it")
        for hop in row["chain"]:
            chain.add(escape(f"{hop['run']}  {hop['app'] or '(gone)'} {hop['workflow']}"))
    if found["payload"] is not None:
        tree.add(escape(render.short(found["payload"], PAYLOAD_CHARS)))
    if found["run"]:
        tree.add(f"its run is {render.styled(found['run'])}: interlock run show {letter}")
    render.out.print(tree)
    if row["state"] == "dead":
        render.out.print(escape(row["next_step"]))


@app.command("redrive")
def redrive(
    letter: Annotated[str, typer.Argument(help="A letter; or --all.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
    install: Install = "",
    code: Annotated[str, typer.Option(help="With --all: only those of this cause.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Put a start back, with the ids that it had: what has started already is not started again, and you are told."""
    if bool(letter) == every:
        raise BadRequest("name a letter, or say --all", where="LETTER", next_step="interlock event dead list")
    client, path = _place(profile, tenant)
    names = [letter] if letter else _all(client, path, install, code)
    done = [client.post(f"{path}/{name}/redrive") for name in names]
    if machine:
        render.as_json(done if every else done[0])
        return
    for row in done:
        render.out.print(f"{row['id']}  {escape(row['what'])}")
    if every:
        render.out.print(f"{sum(row['sent'] for row in done)} of {len(done)} were put back.")


@app.command("drop")
def drop(
    letter: str, cell: Deployment = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """Give a start up: the letter stays as a note, its payload goes."""
    client, path = _place(profile, tenant, cell=cell)
    done = client.post(f"{path}/{letter}/drop")
    if machine:
        render.as_json(done)
    else:
        render.out.print(f"{letter} is dropped. See what was: interlock event dead list --state dropped")


def _place(profile: str | None, tenant: str, *, cell: bool = False, of_app: str = "") -> tuple[Client, str]:
    if cell:
        return as_kind(profile, "operator"), "/v1/dead"
    if of_app:
        publisher, _, name = of_app.partition("/")
        return as_kind(profile, "publisher", publisher), f"/v1/publishers/{publisher}/apps/{name}/dead"
    client, base = as_tenant(profile, tenant)
    return client, f"{base}/dead"


def _all(client: Client, path: str, install: str, code: str) -> list[str]:
    """Read to the end before anything is put back: what is put back leaves the list."""
    rows = client.pages(path, "letters", state="dead", install=install)
    return [row["id"] for row in rows if code in ("", row["code"])]


def _row(row: dict[str, Any]) -> list[object]:
    about = row["event"] or row["trigger"]
    return [
        row["id"],
        row["code"],
        row["app"],
        row["install"],
        about,
        row["count"],
        row["last"],
        render.short(row["what"]),
    ]
