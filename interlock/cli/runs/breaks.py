"""`interlock break …`: rules that stop the steps of a run, an install or a version."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.durations import seconds_of
from interlock.cli.terminal.options import As, AsJson, Tenant, as_kind, as_tenant
from interlock.contract.core.base import Json, now
from interlock.contract.core.names import RUN_ID_CHARS

app = typer.Typer(no_args_is_help=True, help="Breakpoints on runs, installs and versions.")
Target = Annotated[str, typer.Argument(help="A run, an install, or publisher/name@version.", metavar="TARGET")]


@app.command("add")
def add(
    target: Target,
    state: Annotated[str, typer.Option(help="A state, a pattern such as 'write*', or STATE[INDEX] in a Map.")] = "*",
    at: Annotated[str, typer.Option(help="before, after or error.")] = "before",
    condition: Annotated[str, typer.Option("--if", help="JSONata over input, output and error.")] = "",
    hits: Annotated[int, typer.Option(min=1, help="Stop at the match of this number.")] = 1,
    every: Annotated[bool, typer.Option("--every", help="Stay armed after it stopped a step.")] = False,
    lasts: Annotated[str, typer.Option("--for", help="How long it is armed, such as 30m or 2h.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Arm a breakpoint; a run in flight stops at its next step that fits."""
    client, path = _where(target, profile, tenant)
    asked: dict[str, Json] = {"state": state, "at": at, "condition": condition, "hits": hits, "once": not every}
    if lasts:
        asked["until"] = now(timedelta(seconds=seconds_of(lasts, "--for")))
    made = client.post(path, asked)
    if machine:
        render.as_json(made)
    else:
        render.out.print(f"Armed {made['id']}: {at} {state}. See what it stopped: interlock pause list")


@app.command("list")
def listed(target: Target, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List the breakpoints of a run, an install or a version."""
    client, path = _where(target, profile, tenant)
    found = client.get(path)["breakpoints"]
    if machine:
        render.as_json(found)
        return
    columns = ("breakpoint", "state", "at", "if", "hits", "once", "until", "armed by", "spent")
    render.table(columns, map(_row, found), f"No breakpoints. Arm one: interlock break add {target} --state NAME")


@app.command("remove")
def remove(
    target: Target,
    breakpoint: Annotated[str, typer.Argument(help="Its id.")],
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Take a breakpoint away; what it has stopped stays paused."""
    client, path = _where(target, profile, tenant)
    gone = client.delete(f"{path}/{breakpoint}")
    if machine:
        render.as_json(gone)
    else:
        render.out.print(f"Removed {breakpoint}.")


def _where(target: str, profile: str | None, tenant: str) -> tuple[Client, str]:
    app_id, _, version = target.partition("@")
    if version:
        publisher, _, name = app_id.partition("/")
        return as_kind(
            profile, "publisher", publisher
        ), f"/v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints"
    client, base = as_tenant(profile, tenant)
    return client, f"{base}/{'runs' if len(target) == RUN_ID_CHARS else 'installs'}/{target}/breakpoints"


def _row(found: dict[str, Any]) -> list[object]:
    rule = found["breakpoint"]
    index = f"[{rule['index']}]" if rule["index"] is not None else ""
    count = f"{found['hits']} of {rule['hits']}"
    once, spent = ("yes" if word else "no" for word in (rule["once"], found["spent"]))
    until = rule["until"] or ""
    return [
        rule["id"],
        rule["state"] + index,
        rule["at"],
        rule["condition"],
        count,
        once,
        until,
        rule["armed_by"],
        spent,
    ]
