"""`interlock tenant|publisher member …` and `credential …`: who may act for a tenant or a publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import (
    As,
    AsJson,
    Of,
    OwnerKind,
    Yes,
    as_owner,
    require_yes,
)
from interlock.cli.terminal.people import NameOf, names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interlock.cli.terminal.client import Client
    from interlock.client.resources.publisher_credentials import PublisherCredentialsResource
    from interlock.client.resources.publisher_invitations import PublisherInvitationsResource
    from interlock.client.resources.publisher_members import PublisherMembersResource
    from interlock.client.resources.tenant_credentials import TenantCredentialsResource
    from interlock.client.resources.tenant_invitations import TenantInvitationsResource
    from interlock.client.resources.tenant_members import TenantMembersResource
    from interlock.contract.member import Credentials, PendingInvitation
    from interlock.contract.registry import Membership

Role = Annotated[Literal["member", "admin", "viewer"], typer.Option(help="The role.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep the credentials as a profile here, and print no secret.")]
COLUMNS = ("name", "kind", "role", "since", "rotated", "signs in as", "principal")
INVITATION_COLUMNS = ("invitation", "to", "name", "role", "until", "by", "principal")
Principal = Annotated[str, typer.Argument(help="Theirs, from: interlock whoami", metavar="PRINCIPAL")]


def print_members(members: Sequence[Membership], *, machine: bool) -> None:
    """Print members: people, machines and trusts."""
    rows = ([row.name, row.kind, row.role.value, row.created, row.rotated, row.user, row.principal] for row in members)
    render.answer(members, lambda: render.table(COLUMNS, rows, "There are no members."), machine=machine)


def print_invitations(invitations: Sequence[PendingInvitation], name_of: NameOf, *, machine: bool) -> None:
    """Print invitations that wait."""
    rows = (
        [row.id, row.scope, row.name, row.role.value, row.until, name_of(row.by), row.principal] for row in invitations
    )
    render.answer(invitations, lambda: render.table(INVITATION_COLUMNS, rows, "No invitation waits."), machine=machine)


def member_app(kind: OwnerKind) -> typer.Typer:
    """The commands about the members of a tenant or a publisher."""
    app = typer.Typer()

    def list_(of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """List people, machines and trusts."""
        client, owner = as_owner(kind, profile, of)
        print_members(_members(client, kind).list(owner).members, machine=machine)

    def add(
        name: str,
        role: Role = "member",
        email: Annotated[str, typer.Option(help="The address that an invitation is sent to.")] = "",
        of: Of = "",
        profile: As = None,
        machine: AsJson = False,
    ) -> None:
        """Make a person a member, or give a member another role."""
        from interlock.contract.member import Invitation

        client, owner = as_owner(kind, profile, of)
        member = _members(client, kind).create(owner, Invitation(name=name, role=role, email=email))
        print_members([member], machine=machine)

    def remove(name: str, of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """Remove a person, a machine or a trust: its next call is refused."""
        client, owner = as_owner(kind, profile, of)
        removed = _members(client, kind).delete(owner, name)
        render.answer(removed, f"{name} is no longer a member.", machine=machine)

    def invite(
        principal: Principal,
        name: Annotated[str, typer.Option(help="What they are called here.")],
        role: Role = "member",
        of: Of = "",
        profile: As = None,
        machine: AsJson = False,
    ) -> None:
        """Invite a person who has a user already. They join when they accept."""
        from interlock.contract.member import NewInvitation

        client, owner = as_owner(kind, profile, of)
        # The API says in words what is wrong with a field.
        new = NewInvitation.model_construct(principal=principal, name=name, role=role)
        name_of = names_of(client, owner, kind)
        print_invitations([_invitations(client, kind).create(owner, new)], name_of, machine=machine)

    def invited(of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """List invitations that wait for an answer."""
        client, owner = as_owner(kind, profile, of)
        name_of = names_of(client, owner, kind)
        print_invitations(_invitations(client, kind).list(owner).invitations, name_of, machine=machine)

    def uninvite(
        invitation: Annotated[str, typer.Argument(help="Its id.")],
        of: Of = "",
        profile: As = None,
        machine: AsJson = False,
    ) -> None:
        """Take an invitation back."""
        client, owner = as_owner(kind, profile, of)
        gone = _invitations(client, kind).delete(owner, invitation)
        render.answer(gone, f"Invitation {invitation} is withdrawn.", machine=machine)

    commands = {"list": list_, "add": add, "remove": remove, "invite": invite, "invited": invited, "uninvite": uninvite}
    for name, command in commands.items():
        app.command(name)(command)
    return app


def credential_app(kind: OwnerKind) -> typer.Typer:
    """The commands about the machine credentials of a tenant or a publisher."""
    app = typer.Typer()

    def list_(of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """List credentials, without secrets."""
        client, owner = as_owner(kind, profile, of)
        members = _members(client, kind).list(owner).members
        print_members([row for row in members if row.kind == "client"], machine=machine)

    def create(
        name: str,
        role: Role = "member",
        keep: Keep = False,
        of: Of = "",
        profile: As = None,
        machine: AsJson = False,
    ) -> None:
        """Make credentials. The secret is printed once, and kept nowhere."""
        from interlock.contract.member import NewCredential

        client, owner = as_owner(kind, profile, of)
        new = _credentials(client, kind).create(owner, NewCredential(name=name, role=role))
        _print_new(client, kind, new, keep=keep, machine=machine)

    def rotate(name: str, keep: Keep = False, of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """Make new credentials under a name: the next call with the old ones is refused."""
        client, owner = as_owner(kind, profile, of)
        _print_new(client, kind, _credentials(client, kind).rotate(owner, name), keep=keep, machine=machine)

    def revoke(name: str, yes: Yes = False, of: Of = "", profile: As = None, machine: AsJson = False) -> None:
        """Revoke credentials: their next call is refused."""
        require_yes(f"Revoke the credentials {name}?", name, yes=yes, machine=machine)
        client, owner = as_owner(kind, profile, of)
        revoked = _members(client, kind).delete(owner, name)
        render.answer(revoked, f"{name} is revoked.", machine=machine)

    for name, command in {"list": list_, "create": create, "rotate": rotate, "revoke": revoke}.items():
        app.command(name)(command)
    return app


def _members(client: Client, kind: OwnerKind) -> TenantMembersResource | PublisherMembersResource:
    return client.tenant_members if kind == "tenant" else client.publisher_members


def _invitations(client: Client, kind: OwnerKind) -> TenantInvitationsResource | PublisherInvitationsResource:
    return client.tenant_invitations if kind == "tenant" else client.publisher_invitations


def _credentials(client: Client, kind: OwnerKind) -> TenantCredentialsResource | PublisherCredentialsResource:
    return client.tenant_credentials if kind == "tenant" else client.publisher_credentials


def _print_new(client: Client, kind: OwnerKind, new: Credentials, *, keep: bool, machine: bool) -> None:
    value = new.model_dump(mode="json")
    if keep:
        from interlock.cli.terminal.options import profile_from
        from interlock.cli.terminal.profiles import save

        profile = profile_from(new, client.profile, kind, new.name)
        save(profile.model_copy(update={"id": new.scope.partition("/")[2]}))
        value |= {"client_secret": "", "profile": new.name}

    def show() -> None:
        fields = ("client_id", "client_secret", "token_url")
        render.table(("what", "is"), [[field, value[field]] for field in fields if value[field]], "")
        if keep:
            render.line(f"Act as it with --profile {new.name}.")

    render.answer(value, show, machine=machine)


tenant_members, tenant_credentials = member_app("tenant"), credential_app("tenant")
publisher_members, publisher_credentials = member_app("publisher"), credential_app("publisher")
