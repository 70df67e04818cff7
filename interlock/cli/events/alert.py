"""`interlock alert …`: the webhook that is notified of failed runs."""

from __future__ import annotations

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

app = typer.Typer()


@app.command("set")
def set_(url: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Notify a public https URL of each failed run, with its explanation.

    The signing secret is printed once.
    """
    from interlock.contract.alert import AlertUrl

    client, tenant = as_tenant(profile, tenant)
    new = client.alerts.set(tenant, AlertUrl(url=url))

    def show() -> None:
        render.line(f"{new.alert.url} is notified of failed runs. Standard Webhooks signs them with this secret:")
        render.line(new.secret)
        render.line("It is not shown again. Try it: interlock alert test")

    render.answer(new, show, machine=machine)


@app.command("show")
def show(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show the webhook."""
    client, tenant = as_tenant(profile, tenant)
    alert = client.alerts.get(tenant)
    render.answer(alert, f"{alert.url}  set {alert.set_at} by {alert.set_by}", machine=machine)


@app.command("remove")
def remove(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Stop notifying the webhook."""
    client, tenant = as_tenant(profile, tenant)
    alert = client.alerts.delete(tenant)
    render.answer(alert, f"{alert.url} is no longer notified.", machine=machine)


@app.command("test")
def test(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Send a test message now. The exit code is 1 if the webhook refuses it."""
    client, tenant = as_tenant(profile, tenant)
    delivery = client.alerts.test(tenant)
    text = f"The webhook answered {delivery.status} in {delivery.duration_ms:.0f} ms."
    render.answer(delivery, text, machine=machine)
    if not delivery.ok:
        raise typer.Exit(render.REFUSED)
