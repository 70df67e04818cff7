"""`interlock install …`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from interlock.cli import render
from interlock.cli.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.failure import BadRequest, Rejected

app = typer.Typer(no_args_is_help=True, help="A tenant's apps.")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="publisher/name, or publisher/name@version")],
    config: Annotated[str, typer.Option(help="JSON, @FILE or -: what the app's config schema asks for.")] = "{}",
    secret: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, or NAME=@FILE; again for more.")] = None,
    grant: Annotated[list[str] | None, typer.Option(help="A scope to consent to; again for more.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Consent to every scope that the app asks for.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Install an app: shows what it asks for, and installs it once you consent."""
    client, base = as_tenant(profile, tenant)
    app_id, _, version = name.partition("@")
    request: dict[str, Any] = {
        "app": app_id,
        "version": version,
        "config": json_argument(config, "--config"),
        "secrets": dict(_secret(word) for word in secret or ()),
        "grant": list(grant or ()),
    }
    try:
        made = client.post(f"{base}/installs", request)
    except Rejected as refused:
        wanted = [row.where for row in refused.findings if row.code == "install.consent"]
        others = [row for row in refused.findings if row.code != "install.consent"]
        if not wanted or others or not (yes or _consents(app_id, wanted, machine=machine)):
            raise
        made = client.post(f"{base}/installs", request | {"grant": [*request["grant"], *wanted]})
    if machine:
        render.as_json(made)
    else:
        render.out.print(f"{made['app']}@{made['version']} is installed as {made['id']}.")


@app.command("list")
def listed(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List a tenant's installs."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/installs")["installs"]
    if machine:
        render.as_json(found)
        return
    columns = ("id", "app", "version", "status")
    rows = [[row[column] for column in columns] for row in found]
    render.table(columns, rows, "No installs. Add one: interlock install add publisher/name")


@app.command("remove")
def remove(install: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Remove an install: its rules, schedules, tools and secrets go; starts stop at once."""
    client, base = as_tenant(profile, tenant)
    gone = client.delete(f"{base}/installs/{install}")
    if machine:
        render.as_json(gone)
    else:
        render.out.print(f"{gone['app']} is removed.")


def _consents(app_id: str, wanted: list[str], *, machine: bool) -> bool:
    if machine or not render.out.is_terminal:
        return False
    render.out.print(f"{app_id} asks for:")
    for scope in wanted:
        render.out.print(f"  {scope}")
    return typer.confirm("Consent?")


def _secret(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    if not value:
        raise BadRequest("a secret is NAME=VALUE", where="--secret", next_step="Write NAME=VALUE or NAME=@FILE.")
    if value.startswith("@"):
        return name, Path(value[1:]).read_text().strip()
    return name, value
