"""`interlock tenant …`: customer organisations, and the fields that are sensitive in their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import (
    As,
    AsJson,
    Yes,
    as_kind,
    as_tenant,
    profile_from,
    require_yes,
)
from interlock.cli.terminal.options import Tenant as TenantOption
from interlock.cli.terminal.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from interlock.contract.registry import Tenant

app = typer.Typer()
redact = typer.Typer()
Rule = Annotated[str, typer.Argument(help="A field's path with dots; it matches the end of a path.")]
Title = Annotated[str, typer.Option(help="A title for people.")]
ONBOARD_SECONDS = 300


@app.command("create")
def create(name: str, title: Title = "", profile: As = None, machine: AsJson = False) -> None:
    """Create a tenant with its bus, catalog, access role, user and client, and add the profile NAME."""
    from interlock.cli.terminal.profiles import own_name, save
    from interlock.contract.registration import NewTenant

    client = as_kind(profile, "operator")
    steps = render.Steps(quiet=machine)
    steps.step(f"Register {name}")
    registered = client.tenants.create(NewTenant(id=name, title=title))
    own = profile_from(registered.credentials, client.profile, "tenant", name)
    own = own.model_copy(update={"name": own_name(name, "tenant")})
    save(own)
    steps.step("Deploy its stack")

    def active() -> Tenant | None:
        tenant = client.tenants.get(name)
        return tenant if tenant.status == "active" else None

    step = f"interlock tenant show {name}"
    tenant = until(active, seconds=ONBOARD_SECONDS, what=f"the end of onboarding {name}", next_step=step)
    steps.done()
    text = f"Tenant {name} is active. Act as it with --profile {own.name}."
    render.answer({"tenant": tenant, "profile": own.name}, text, machine=machine)


@app.command("list")
def list_(profile: As = None, machine: AsJson = False) -> None:
    """List the tenants of the platform."""
    tenants = list(as_kind(profile, "operator").tenants.iterate())
    empty = "There are no tenants. To create one: interlock tenant create NAME"
    render.answer(tenants, lambda: _print(tenants, empty), machine=machine)


@app.command("show")
def show(name: str, profile: As = None, machine: AsJson = False) -> None:
    """Show a tenant."""
    tenant = as_kind(profile, "operator").tenants.get(name)
    render.answer(tenant, lambda: _print([tenant]), machine=machine)


@app.command("offboard")
def offboard(
    name: str,
    yes: Yes = False,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Delete a tenant for good: its installs, runs, data, identities and stack. The command shows the receipt."""
    require_yes(f"Delete everything that {name} has?", name, yes=yes, machine=machine)
    client = as_kind(profile, "operator")
    client.tenants.delete(name)

    def offboarded() -> Tenant | None:
        tenant = client.tenants.get(name)
        return tenant if tenant.status == "offboarded" else None

    step = f"interlock tenant show {name}"
    tenant = until(offboarded, seconds=ONBOARD_SECONDS, what=f"the end of offboarding {name}", next_step=step)
    counts = tenant.receipt.deleted if tenant.receipt else None
    deleted = f"{counts.objects} objects and {counts.runs} runs are deleted" if counts else "everything is deleted"
    render.answer(tenant, f"{name} is offboarded: {deleted}.", machine=machine)


def _print(tenants: Iterable[Tenant], empty: str = "") -> None:
    rows = ([tenant.id, tenant.title, tenant.status, tenant.created] for tenant in tenants)
    render.table(("tenant", "title", "status", "created"), rows, empty)


@redact.command("list")
def list_rules(profile: As = None, tenant: TenantOption = "", machine: AsJson = False) -> None:
    """List the fields that are sensitive in the tenant's runs."""
    client, tenant = as_tenant(profile, tenant)
    _print_rules(client.tenants.get(tenant), machine=machine)


@redact.command("add")
def add_rule(rule: Rule, profile: As = None, tenant: TenantOption = "", machine: AsJson = False) -> None:
    """Mark a field as sensitive in every run that starts from now on, and in every export: customer.email, *.ssn."""
    from interlock.contract.debug_step import RedactionRule

    client, tenant = as_tenant(profile, tenant)
    _print_rules(client.redaction_rules.create(tenant, RedactionRule(rule=rule)), machine=machine)


@redact.command("remove")
def remove_rule(rule: Rule, profile: As = None, tenant: TenantOption = "", machine: AsJson = False) -> None:
    """Remove a rule."""
    client, tenant = as_tenant(profile, tenant)
    _print_rules(client.redaction_rules.delete(tenant, rule=rule), machine=machine)


def _print_rules(tenant: Tenant, *, machine: bool) -> None:
    empty = "There are no rules. Names and shapes of common secrets are redacted without a rule."
    rows = [[rule] for rule in tenant.redact]
    render.answer(tenant.redact, lambda: render.table(("sensitive",), rows, empty), machine=machine)
