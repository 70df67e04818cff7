"""`interlock use|whoami` and `auth token`: which profile commands act as, and who that is on the platform."""

from __future__ import annotations

from typing import Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson

app = typer.Typer()
auth = typer.Typer()


@app.command("use")
def use(
    name: Annotated[str, typer.Argument(help="The profile; without it, list the profiles.")] = "",
    machine: AsJson = False,
) -> None:
    """Act as a profile from now on, in commands that name none and that it fits."""
    from interlock.cli.terminal.profiles import load
    from interlock.cli.terminal.profiles import use as use_profile

    if name:
        profile = use_profile(name)
        text = f"Commands act as {profile.name} ({profile.kind} {profile.id or profile.name}) at {profile.api_url}."
        render.answer({"in_use": profile.name, "kind": profile.kind, "id": profile.id}, text, machine=machine)
        return
    known = load()
    rows = [
        ["*" if key == known.in_use else "", key, one.kind, one.id, one.api_url] for key, one in known.profiles.items()
    ]
    value = {
        "in_use": known.in_use,
        "profiles": [
            {"name": key, "kind": one.kind, "id": one.id, "api_url": one.api_url} for key, one in known.profiles.items()
        ],
    }
    columns = ("in use", "name", "kind", "id", "API")
    empty = "There are no profiles. Next: interlock up, or interlock login"
    render.answer(value, lambda: render.table(columns, rows, empty), machine=machine)


@app.command("whoami")
def whoami(profile: As = None, machine: AsJson = False) -> None:
    """Show who commands act as: the profile and what chose it, its API, its principal and its memberships."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import file, resolve_any

    chosen, origin = resolve_any(profile)
    caller = Client(chosen).platform.get_caller()
    value = {
        "profile": chosen.name,
        "chosen_by": origin,
        "kind": chosen.kind,
        "id": chosen.id,
        "api": chosen.api_url,
        "api_host": chosen.api_host,
        "profiles": str(file()),
    } | caller.model_dump(mode="json")

    def show() -> None:
        rows = [[key, value[key]] for key in ("profile", "chosen_by", "kind", "id", "api", "principal", "profiles")]
        render.table(("what", "is"), rows, "")
        members = ([row.name, row.scope, row.role.value] for row in caller.memberships)
        render.table(("name", "scope", "role"), members, "The profile has no memberships.")

    render.answer(value, show, machine=machine)


@auth.command("token")
def token(profile: As = None, machine: AsJson = False) -> None:
    """Print an access token of the profile that commands act as: for curl, and for other programs."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import resolve_any

    client = Client(resolve_any(profile).profile)
    text = client.transport.token()
    value = {"token": text, "profile": client.profile.name, "api": client.profile.api_url}
    render.answer(value | {"api_host": client.profile.api_host}, text, machine=machine)
