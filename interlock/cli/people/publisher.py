"""`interlock publisher …`: who builds apps, the workflows of GitHub that act for it, and its domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.people.member import Role, print_members
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Of, as_kind, as_owner, profile_from

if TYPE_CHECKING:
    from interlock.contract.registry import Publisher

app = typer.Typer()
Title = Annotated[str, typer.Option(help="A title for people.")]


@app.command("create")
def create(name: str, title: Title = "", profile: As = None, machine: AsJson = False) -> None:
    """Create a publisher with a namespace, a user and a client, and add the profile NAME."""
    from interlock.cli.terminal.profiles import own_name, save
    from interlock.contract.registration import NewPublisher

    client = as_kind(profile, "operator")
    registered = client.publishers.create(NewPublisher(id=name, title=title))
    own = profile_from(registered.credentials, client.profile, "publisher", name)
    own = own.model_copy(update={"name": own_name(name, "publisher")})
    save(own)
    text = f"Publisher {name} is created. Act as it with --profile {own.name}."
    render.answer({"publisher": registered.publisher, "profile": own.name}, text, machine=machine)


@app.command("list")
def list_(profile: As = None, machine: AsJson = False) -> None:
    """List the publishers of the platform."""
    publishers = list(as_kind(profile, "operator").publishers.iterate())
    rows = (
        [one.id, one.title, one.domain.name if one.domain and one.domain.verified else "", one.created]
        for one in publishers
    )
    columns = ("publisher", "title", "verified domain", "created")
    empty = "There are no publishers. To create one: interlock publisher create NAME"
    render.answer(publishers, lambda: render.table(columns, rows, empty), machine=machine)


@app.command("trust")
def trust(
    name: str,
    repository: Annotated[str, typer.Option(help="OWNER/NAME on GitHub.")],
    environment: Annotated[str, typer.Option(help="The workflow's environment.")] = "",
    ref: Annotated[str, typer.Option(help="Instead of an environment: refs/heads/main, refs/tags/v1.")] = "",
    role: Role = "member",
    of: Of = "",
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Let a workflow of GitHub publish, with the token that GitHub gives it. No secret is kept anywhere."""
    from interlock.contract.member import NewTrust

    client, owner = as_owner("publisher", profile, of)
    new = NewTrust(name=name, repository=repository, environment=environment, ref=ref, role=role)
    print_members([client.publisher_trusts.create(owner, new)], machine=machine)


@app.command("domain")
def domain(
    claim: Annotated[str, typer.Option(help="The domain that you own.")] = "",
    verify: Annotated[bool, typer.Option("--verify", help="Look up the TXT record.")] = False,
    of: Of = "",
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Show a publisher's domain, claim one, or verify it with a TXT record."""
    from interlock.contract.registration import DomainClaim

    client, owner = as_owner("publisher", profile, of)
    if claim:
        publisher = client.publishers.claim_domain(owner, DomainClaim(domain=claim))
    elif verify:
        publisher = client.publishers.verify_domain(owner)
    else:
        publisher = client.publishers.get(owner)
    render.answer(publisher, lambda: _print_domain(publisher), machine=machine)


def _print_domain(publisher: Publisher) -> None:
    held = publisher.domain
    if held is None:
        render.line(f"{publisher.id} claims no domain. To claim one: interlock publisher domain --claim example.com")
    elif held.verified:
        render.line(f"{held.name} is verified since {held.verified}.")
    else:
        render.line(f"Write this TXT record, then: interlock publisher domain --verify --of {publisher.id}")
        render.line(f"  _interlock-challenge.{held.name}  {held.challenge}")
