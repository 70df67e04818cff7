"""Members, machine credentials, trusts and domains of publishers and tenants; `interlock audit list`."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson
from interlock.cli.terminal.profiles import Kind, Profile, choose, save
from interlock.contract.core.failure import BadRequest

audit = typer.Typer(no_args_is_help=True, help="Who changed what, and when.")
Of = Annotated[str, typer.Option("--of", help="Whose; the profile's own by default.", metavar="ID")]
RoleOption = Annotated[str, typer.Option(help="member or admin.")]
Owner = Callable[[str | None, str], tuple[Client, str, Profile]]


def _owner(kind: Literal["publisher", "tenant"]) -> Owner:
    """Finds the client, the path and the profile for commands about one publisher or tenant."""

    def find(profile: str | None, of: str) -> tuple[Client, str, Profile]:
        chosen = choose(profile, kind, of)
        owner = of or (chosen.id if chosen.kind == kind else "")
        if not owner:
            raise BadRequest(f"which {kind}?", where="--of", next_step=f"Say --of ID, or --as a {kind}'s profile.")
        return Client(chosen), f"/v1/{kind}s/{owner}", chosen

    return find


def member_group(kind: Literal["publisher", "tenant"]) -> typer.Typer:
    """The commands about the members of a publisher or a tenant."""
    group, owner = typer.Typer(no_args_is_help=True, help="Who belongs to it."), _owner(kind)

    def list_members(of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """List people, machines and trusts."""
        client, base, _ = owner(profile, of)
        found = client.get(f"{base}/members")["members"]
        _members(found, machine=machine)

    def add_member(
        name: str,
        role: RoleOption = "member",
        email: Annotated[str, typer.Option(help="Where an invitation is sent.")] = "",
        of: Of = "",
        profile: As = None,
        machine: AsJson = False,
    ) -> None:
        """Make a person a member, or give a member another role."""
        client, base, _ = owner(profile, of)
        found = client.post(f"{base}/members", {"name": name, "role": role, "email": email})
        _members([found], machine=machine)

    def remove_member(name: str, of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """Make a person, a machine or a trust no member any more: refused from the next call on."""
        client, base, _ = owner(profile, of)
        found = client.delete(f"{base}/members/{name}")
        if machine:
            render.as_json(found)
        else:
            render.out.print(f"{name} is no member any more.")

    for word, command in {"list": list_members, "add": add_member, "remove": remove_member}.items():
        group.command(word)(command)
    return group


def credential_group(kind: Literal["publisher", "tenant"]) -> typer.Typer:
    """The commands about the machine credentials of a publisher or a tenant."""
    group, owner = typer.Typer(no_args_is_help=True, help="Credentials for machines, such as a pipeline."), _owner(kind)

    def list_credentials(of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """List credentials: never a secret."""
        client, base, _ = owner(profile, of)
        found = [row for row in client.get(f"{base}/members")["members"] if row["kind"] == "client"]
        _members(found, machine=machine)

    def create_credential(
        name: str,
        role: RoleOption = "member",
        keep: Annotated[bool, typer.Option("--keep", help="Keep them as a profile here, and print no secret.")] = False,
        of: Of = "",
        profile: As = None,
        machine: AsJson = False,
    ) -> None:
        """Make credentials; the secret is printed once, and kept nowhere."""
        client, base, chosen = owner(profile, of)
        made = client.post(f"{base}/credentials", {"name": name, "role": role})
        _told(made, chosen, kind, keep=keep, machine=machine)

    def rotate_credential(
        name: str,
        keep: Annotated[bool, typer.Option("--keep", help="Keep them as a profile here, and print no secret.")] = False,
        of: Of = "",
        profile: As = None,
        machine: AsJson = False,
    ) -> None:
        """Make new credentials of that name; the ones before are refused from the next call on."""
        client, base, chosen = owner(profile, of)
        _told(client.post(f"{base}/credentials/{name}/rotate"), chosen, kind, keep=keep, machine=machine)

    def revoke_credential(name: str, of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """Revoke credentials: refused from the next call on."""
        client, base, _ = owner(profile, of)
        found = client.delete(f"{base}/members/{name}")
        if machine:
            render.as_json(found)
        else:
            render.out.print(f"{name} is revoked.")

    commands = {"list": list_credentials, "create": create_credential, "rotate": rotate_credential}
    for word, command in (commands | {"revoke": revoke_credential}).items():
        group.command(word)(command)
    return group


def trust(
    name: str,
    repository: Annotated[str, typer.Option(help="OWNER/NAME on GitHub.")],
    environment: Annotated[str, typer.Option(help="The workflow's environment.")] = "",
    ref: Annotated[str, typer.Option(help="Instead of it: refs/heads/main, refs/tags/v1.")] = "",
    role: RoleOption = "member",
    of: Of = "",
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Let a workflow of GitHub publish, by the token that GitHub gives it: no secret is kept anywhere."""
    client, base, _ = _owner("publisher")(profile, of)
    words = {"name": name, "repository": repository, "environment": environment, "ref": ref, "role": role}
    found = client.post(f"{base}/trusts", words)
    _members([found], machine=machine)


def domain(
    claim: Annotated[str, typer.Option(help="The domain that is yours.")] = "",
    verify: Annotated[bool, typer.Option("--verify", help="Look for the TXT record.")] = False,
    of: Of = "",
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Show a publisher's domain, claim one, or have it verified by a TXT record."""
    client, base, chosen = _owner("publisher")(profile, of)
    if claim:
        found = client.post(f"{base}/domain", {"domain": claim})
    elif verify:
        found = client.post(f"{base}/domain/verify")
    else:
        found = client.get(base)
    if machine:
        render.as_json(found)
        return
    held: dict[str, Any] = found["domain"] or {}
    if not held:
        render.out.print(f"{found['id']} claims no domain: interlock publisher domain --claim example.com")
    elif held["verified"]:
        render.out.print(f"{held['name']} is verified since {held['verified']}.")
    else:
        render.out.print(f"Write this TXT record, then: interlock publisher domain --verify --of {of or chosen.id}")
        render.out.print(f"  _interlock-challenge.{held['name']}  {held['challenge']}")


@audit.command("list")
def audit_list(
    publisher: Annotated[str, typer.Option(help="The log of this publisher.")] = "",
    tenant: Annotated[str, typer.Option(help="The log of this tenant.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 50,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """List changes, newest first: the platform's own, or those of a publisher or a tenant."""
    kind: Kind = "publisher" if publisher else "tenant" if tenant else "operator"
    chosen = choose(profile, kind, publisher or tenant)
    path = (
        f"/v1/publishers/{publisher}/audit" if publisher else f"/v1/tenants/{tenant}/audit" if tenant else "/v1/audit"
    )
    if path == "/v1/audit" and chosen.kind != "operator":
        path = f"/v1/{chosen.kind}s/{chosen.id}/audit"
    found = list(Client(chosen).pages(path, "changes", limit=limit))
    if machine:
        render.as_json(found)
        return
    columns = ("at", "who", "action", "what", "outcome")
    rows = [
        [row["at"], row["name"] or row["principal"], row["action"], f"{row['method']} {row['path']}", row["outcome"]]
        for row in found
    ]
    render.table(columns, rows, "Nothing was changed yet.")


def _members(found: list[dict[str, Any]], *, machine: bool) -> None:
    if machine:
        render.as_json(found)
        return
    columns = ("name", "kind", "role", "since", "rotated", "principal")
    rows = [
        [row["name"], row["kind"], row["role"], row["created"] or "", row["rotated"] or "", row["principal"]]
        for row in found
    ]
    render.table(columns, rows, "Nobody.")


def _told(made: dict[str, Any], maker: Profile, kind: Kind, *, keep: bool, machine: bool) -> None:
    if keep:
        name = made["name"]
        owner = made["scope"].partition("/")[2]
        words = {"client_id": made["client_id"], "client_secret": made["client_secret"], "token_url": made["token_url"]}
        fresh = Profile(name=name, kind=kind, id=owner, api_url=maker.api_url, api_host=maker.api_host, **words)
        save(fresh)
        made = made | {"client_secret": "", "profile": name}
    if machine:
        render.as_json(made)
        return
    rows = [[word, made[word]] for word in ("client_id", "client_secret", "token_url") if made[word]]
    render.table(("what", "is"), rows, "")
    if keep:
        render.out.print(f"Act for it with --as {made['name']}.")
