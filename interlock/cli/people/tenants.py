"""`interlock tenant …` and `interlock publisher …`."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from interlock.cli.people.people import credential_group, member_group
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_kind, as_tenant, profile_from
from interlock.cli.terminal.profiles import choose, save
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import BadRequest

tenant = typer.Typer(no_args_is_help=True, help="Customer organisations.")
publisher = typer.Typer(no_args_is_help=True, help="Who builds apps.")
redact = typer.Typer(no_args_is_help=True, help="Fields that are sensitive in a tenant's runs.")
tenant.add_typer(redact, name="redact")
tenant.add_typer(member_group("tenant"), name="member")
tenant.add_typer(credential_group("tenant"), name="credential")
publisher.add_typer(member_group("publisher"), name="member")
publisher.add_typer(credential_group("publisher"), name="credential")
Rule = Annotated[str, typer.Argument(help="A field's path with dots; it matches the end of a path.")]
ONBOARD_SECONDS = 300
Title = Annotated[str, typer.Option(help="A name for people.")]


@tenant.command("create")
def create_tenant(name: str, title: Title = "", profile: As = None, machine: AsJson = False) -> None:
    """Create a tenant: its bus, catalog and access role, a user and a client; adds the profile NAME."""
    maker = choose(profile, "operator")
    client = Client(maker)
    steps = render.Steps(quiet=machine)
    steps.step(f"Register {name}")
    made = client.post("/v1/tenants", {"id": name, "title": title})
    save(profile_from(made["credentials"], maker, "tenant", name))
    steps.step("Deploy its stack")

    def active() -> dict[str, object] | None:
        found = client.get(f"/v1/tenants/{name}")
        return found if found["status"] == "active" else None

    found = until(active, seconds=ONBOARD_SECONDS, what=f"onboarding {name}", next_step=f"interlock tenant show {name}")
    steps.done()
    if machine:
        render.as_json({"tenant": found, "profile": name})
    else:
        render.out.print(f"Tenant {name} is active. Act for it with --as {name}.")


@tenant.command("show")
def show_tenant(name: str, profile: As = None, machine: AsJson = False) -> None:
    """Show a tenant."""
    found = as_kind(profile, "operator").get(f"/v1/tenants/{name}")
    if machine:
        render.as_json(found)
    else:
        render.table(
            ("tenant", "title", "status", "created"), [[found[k] for k in ("id", "title", "status", "created")]], ""
        )


@tenant.command("offboard")
def offboard(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Remove a tenant for good: its installs, runs, data, identities and stack; shows the receipt."""
    if not yes and (machine or not render.out.is_terminal or not typer.confirm(f"Delete all that {name} has?")):
        raise BadRequest("not confirmed", where=name, next_step="Say --yes.")
    client = as_kind(profile, "operator")
    client.delete(f"/v1/tenants/{name}")

    def left() -> dict[str, Any] | None:
        found = client.get(f"/v1/tenants/{name}")
        return found if found["status"] == "offboarded" else None

    found = until(left, seconds=ONBOARD_SECONDS, what=f"offboarding {name}", next_step=f"interlock tenant show {name}")
    if machine:
        render.as_json(found)
    else:
        counts = found["receipt"]["deleted"]
        render.out.print(f"{name} is offboarded: {counts['objects']} objects and {counts['records']} runs are deleted.")


@redact.command("list")
def list_rules(profile: As = None, tenant_id: Tenant = "", machine: AsJson = False) -> None:
    """List the tenant's rules of sensitive fields."""
    client, base = as_tenant(profile, tenant_id)
    _rules(client.get(base), machine=machine)


@redact.command("add")
def add_rule(rule: Rule, profile: As = None, tenant_id: Tenant = "", machine: AsJson = False) -> None:
    """Call a field sensitive in every run that starts from now on, and in every export: customer.email, *.ssn."""
    client, base = as_tenant(profile, tenant_id)
    _rules(client.post(f"{base}/redact", {"rule": rule}), machine=machine)


@redact.command("remove")
def remove_rule(rule: Rule, profile: As = None, tenant_id: Tenant = "", machine: AsJson = False) -> None:
    """Take a rule back."""
    client, base = as_tenant(profile, tenant_id)
    _rules(client.delete(f"{base}/redact?rule={quote(rule, safe='')}"), machine=machine)


def _rules(found: dict[str, Any], *, machine: bool) -> None:
    if machine:
        render.as_json(found["redact"])
    else:
        empty = "No rules. Names and shapes of common secrets are redacted without one."
        render.table(("sensitive",), [[rule] for rule in found["redact"]], empty)


@publisher.command("create")
def create_publisher(name: str, title: Title = "", profile: As = None, machine: AsJson = False) -> None:
    """Create a publisher: a namespace, a user and a client; adds the profile NAME."""
    maker = choose(profile, "operator")
    made = Client(maker).post("/v1/publishers", {"id": name, "title": title})
    save(profile_from(made["credentials"], maker, "publisher", name))
    if machine:
        render.as_json({"publisher": made["publisher"], "profile": name})
    else:
        render.out.print(f"Publisher {name} is there. Act for it with --as {name}.")
