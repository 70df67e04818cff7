"""`interlock alert …`: who is told of failed runs."""

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

app = typer.Typer(no_args_is_help=True, help="Who is told of failed runs: a webhook of the tenant's.")


@app.command("set")
def given(url: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Tell a public https URL of each failed run, with its explanation; prints the signing secret, this once."""
    client, base = as_tenant(profile, tenant)
    made = client.post(f"{base}/alert", {"url": url})
    if machine:
        render.as_json(made)
        return
    render.out.print(f"Failed runs are told to {made['alert']['url']}, signed by Standard Webhooks with this secret:")
    render.out.print(made["secret"], markup=False)
    render.out.print("It is not shown again. Try it: interlock alert test")


@app.command("show")
def shown(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show the webhook."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/alert")
    if machine:
        render.as_json(found)
    else:
        render.out.print(f"{found['url']}  set {found['set_at']} by {found['set_by']}", markup=False)


@app.command("remove")
def removed(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Tell the webhook no more."""
    client, base = as_tenant(profile, tenant)
    found = client.delete(f"{base}/alert")
    if machine:
        render.as_json(found)
    else:
        render.out.print(f"{found['url']} is told no more.", markup=False)


@app.command("test")
def tried(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Send a test message now; exit code 1 where the webhook does not take it."""
    client, base = as_tenant(profile, tenant)
    done = client.post(f"{base}/alert:test")
    if machine:
        render.as_json(done)
    else:
        render.out.print(f"The webhook answered {done['status']} in {done['duration_ms']:.0f} ms.")
    if not 200 <= done["status"] < 300:
        raise typer.Exit(render.REFUSED)
