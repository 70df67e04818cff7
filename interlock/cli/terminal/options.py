"""Options that many commands share, and what they turn into."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, cast

import typer

from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import Kind, Profile
    from interlock.contract.member import Credentials

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Accept = Annotated[
    list[str] | None, typer.Option(help="Accept findings of this code; may be repeated.", metavar="CODE")
]
As = Annotated[str | None, typer.Option("--profile", "--as", help="Act as this profile.", metavar="NAME")]
Tenant = Annotated[str, typer.Option("--tenant", help="The tenant, if the profile is not a tenant's.")]
Of = Annotated[str, typer.Option("--of", help="The id of the owner; by default the profile's own.", metavar="ID")]
OwnerKind = Literal["tenant", "publisher"]
WhichInstall = Annotated[
    str, typer.Argument(help="The install: its name, its id, or the app where it has one install.", metavar="INSTALL")
]
Limit = Annotated[int, typer.Option(min=1, max=100, help="Print at most this many.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
# The values of enumerations of the contract, whose models a command does not load before it runs.
# tests/unit/cli/test_commands.py holds them equal.
ChannelName = Literal["stable", "beta", "pinned"]
CategoryName = Literal["connector", "automation", "compliance", "assistant"]
DeadStateName = Literal["dead", "redriven", "dropped"]
RunStatusName = Literal["starting", "running", "paused", "succeeded", "failed", "aborted"]
ApprovalStatusName = Literal["waiting", "approved", "rejected", "expired"]
DeliveryStatusName = Literal["waiting", "delivered", "failed"]
VisibilityName = Literal["private", "invited", "public"]


def as_tenant(profile: str | None, tenant: str) -> tuple[Client, str]:
    """The client for a tenant's command, and the tenant.

    Raises:
        BadRequest: neither the command nor the profile names a tenant.
    """
    return _as_owner("tenant", profile, tenant, "--tenant")


def as_owner(kind: OwnerKind, profile: str | None, of: str) -> tuple[Client, str]:
    """The client for a command about one tenant or publisher, and its id.

    Raises:
        BadRequest: neither the command nor the profile names one.
    """
    return _as_owner(kind, profile, of, "--of")


def _as_owner(kind: OwnerKind, profile: str | None, owner: str, option: str) -> tuple[Client, str]:
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import choose

    chosen = choose(profile, kind, owner)
    name = owner or (chosen.id if chosen.kind == kind else "")
    if not name:
        step = f"Name it with {option} ID, or act as a {kind}'s profile: interlock use NAME."
        raise BadRequest(f"the command needs a {kind}", where=option, next_step=step)
    return Client(chosen), name


def as_kind(profile: str | None, kind: Kind, owner: str = "") -> Client:
    """The client for a command of an operator or a publisher."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import choose

    return Client(choose(profile, kind, owner))


def as_anybody(profile: str | None) -> Client:
    """The client for what every caller may read."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import resolve_any

    return Client(resolve_any(profile).profile)


def app_parts(name: str) -> tuple[str, str, str]:
    """The publisher, the name and the version of `publisher/name@version`; what is missing is empty."""
    app, _, version = name.partition("@")
    publisher, _, app_name = app.partition("/")
    return publisher, app_name, version


def require_yes(question: str, where: str, *, yes: bool, machine: bool) -> None:
    """Ask before what can't be undone. Where nobody can be asked, `--yes` says it.

    Raises:
        BadRequest: it is not confirmed.
    """
    from interlock.cli.terminal import render

    if yes or (not machine and render.is_terminal() and render.confirm(question)):
        return
    raise BadRequest(
        "this can't be undone, and it is not confirmed",
        where=where,
        code="not-confirmed",
        next_step="Confirm it with --yes.",
    )


def json_argument(text: str, where: str) -> Any:
    """A JSON value as an argument: the text itself, `@FILE`, or `-` for standard input.

    Raises:
        BadRequest: it is not JSON, or there is no such file.
    """
    try:
        if text == "-":
            return json.loads(sys.stdin.read())
        if text.startswith("@"):
            return json.loads(Path(text[1:]).read_text())
        return json.loads(text)
    except FileNotFoundError as error:
        raise BadRequest(f"{text[1:]} does not exist", where=where, next_step="Name a file after the @.") from error
    except (OSError, ValueError, RecursionError) as error:
        step = "Write '{…}', @FILE, or - for standard input."
        raise BadRequest(f"{where} is not JSON: {error}", where=where, next_step=step) from error


def object_argument(text: str, where: str) -> dict[str, Any]:
    """A JSON object as an argument, in the forms of `json_argument`.

    Raises:
        BadRequest: it is not JSON, is no object, or there is no such file.
    """
    value = json_argument(text, where)
    if not isinstance(value, dict):
        step = f"Write {where} '{{…}}', @FILE, or - for standard input."
        raise BadRequest(f"{where} is not a JSON object", where=where, next_step=step)
    return cast(dict[str, Any], value)


class Api(Protocol):
    """Where a control API is: what a profile, the local platform and the outputs of a deployment say."""

    @property
    def api_url(self) -> str:
        """Its URL."""
        ...

    @property
    def api_host(self) -> str:
        """The Host header, where the URL is not the API's own."""
        ...


def profile_from(credentials: Credentials, api: Api, kind: Kind, name: str) -> Profile:
    """The profile of a principal that was just created; an operator's has no owner."""
    from interlock.cli.terminal.profiles import Profile

    return Profile(
        name=name,
        kind=kind,
        id="" if kind == "operator" else name,
        api_url=api.api_url.rstrip("/"),
        api_host=api.api_host,
        token_url=credentials.token_url,
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
    )
