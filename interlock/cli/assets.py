"""`interlock asset …`."""

from typing import Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Limit, Tenant, as_tenant
from interlock.contract.core.failure import NotFound

app = typer.Typer(no_args_is_help=True, help="A tenant's catalog.")


@app.command("search")
def search(
    kind: Annotated[str, typer.Option("--type", help="Only assets of this type.")] = "",
    tag: Annotated[str, typer.Option(help="Only assets with this tag.")] = "",
    prefix: Annotated[str, typer.Option(help="Only names that begin so.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 1000,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Find assets by type, tag and prefix of the name."""
    client, base = as_tenant(profile, tenant)
    _print(
        list(client.pages(f"{base}/assets", "assets", limit=limit, type=kind, tag=tag, prefix=prefix)), machine=machine
    )


@app.command("list")
def listed(limit: Limit = 50, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List assets by name."""
    client, base = as_tenant(profile, tenant)
    _print(list(client.pages(f"{base}/assets", "assets", limit=limit)), machine=machine)


@app.command("show")
def show(
    name: str,
    history: Annotated[bool, typer.Option("--history", help="Its changes, newest first.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show one asset."""
    client, base = as_tenant(profile, tenant)
    if history:
        changes = client.get(f"{base}/assets:history", qualified_name=name)["changes"]
        if machine:
            render.as_json(changes)
            return
        rows = [[row["at"], row["type"], row["asset"]["version"], ", ".join(row["changed"])] for row in changes]
        render.table(("at", "change", "version", "fields"), rows, f"Nothing is known of {name}.")
        return
    found = client.get(f"{base}/assets", qualified_name=name)["assets"]
    if not found:
        raise NotFound(f"no asset {name}", next_step="Search by prefix: interlock asset search --prefix …")
    if machine:
        render.as_json(found[0])
    else:
        render.table(("field", "value"), [[key, render.short(value, 400)] for key, value in found[0].items()], "")


def _print(found: list[dict[str, Any]], *, machine: bool) -> None:
    if machine:
        render.as_json(found)
        return
    rows = [[row["qualified_name"], row["type"], " ".join(row["tags"])] for row in found]
    render.table(("asset", "type", "tags"), rows, "No assets.")
