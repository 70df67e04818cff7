"""Options that many commands share, and what they turn into."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.profiles import Kind, Profile, choose
from interlock.contract.core.failure import BadRequest

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
As = Annotated[str | None, typer.Option("--as", help="Act as this profile.", metavar="NAME")]
Tenant = Annotated[str, typer.Option("--tenant", help="The tenant, where the profile is not a tenant's.")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]


def as_tenant(profile: str | None, tenant: str) -> tuple[Client, str]:
    """The client for a tenant's command, and the path of the tenant's routes."""
    chosen = choose(profile, "tenant", tenant)
    found = tenant or chosen.id
    if not found:
        raise BadRequest("which tenant?", where="--tenant", next_step="Say --tenant ID, or --as a tenant's profile.")
    return Client(chosen), f"/v1/tenants/{found}"


def as_kind(profile: str | None, kind: Kind, wanted: str = "") -> Client:
    """The client for an operator's or a publisher's command."""
    return Client(choose(profile, kind, wanted))


def json_argument(text: str, where: str) -> Any:
    """A JSON value as an argument: the text itself, `@FILE`, or `-` for standard input.

    Raises:
        BadRequest: it is no JSON, or there is no such file.
    """
    try:
        if text == "-":
            return json.loads(sys.stdin.read())
        if text.startswith("@"):
            return json.loads(Path(text[1:]).read_text())
        return json.loads(text)
    except (OSError, ValueError) as error:
        raise BadRequest(f"not JSON: {error}", where=where, next_step="Write '{…}', @FILE, or - for stdin.") from error


def profile_from(credentials: dict[str, Any], maker: Profile, kind: Kind, name: str) -> Profile:
    """The profile of a principal that was just made by another one."""
    return Profile(
        name=name,
        kind=kind,
        id=name,
        api_url=maker.api_url,
        api_host=maker.api_host,
        token_url=credentials["token_url"],
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
    )
