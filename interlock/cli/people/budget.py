"""`interlock budget …`: what a tenant wants to spend in a month."""

from __future__ import annotations

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

app = typer.Typer()


@app.command("set")
def set_(dollars: float, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Set a monthly budget. `budget.reached` is emitted at 50, 80 and 100 percent of it, by the estimate."""
    from interlock.contract.usage import Budget

    client, tenant = as_tenant(profile, tenant)
    budget = client.budgets.set(tenant, Budget(dollars=dollars))
    render.answer(budget, f"The budget is {budget.dollars:.2f} dollars a month.", machine=machine)


@app.command("show")
def show(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show the monthly budget."""
    client, tenant = as_tenant(profile, tenant)
    budget = client.budgets.get(tenant)
    render.answer(budget, f"The budget is {budget.dollars:.2f} dollars a month.", machine=machine)


@app.command("remove")
def remove(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Remove the monthly budget."""
    client, tenant = as_tenant(profile, tenant)
    render.answer(client.budgets.delete(tenant), "The budget is removed.", machine=machine)
