"""`interlock webhook …`: events for systems outside."""

from typing import Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument

app = typer.Typer(no_args_is_help=True, help="Events for systems outside, signed by Standard Webhooks.")
Hook = Annotated[str, typer.Argument(help="The webhook's id.")]
LISTED = ("webhook", "status", "url", "events", "failing since", "why")
DELIVERED = ("delivery", "status", "event", "created", "attempts", "last", "took", "next")


@app.command("add")
def add(
    url: str,
    event: Annotated[list[str], typer.Option(help="A name, the beginning of one (asset.*), or *; again for more.")],
    where: Annotated[str, typer.Option(help="An EventBridge pattern on the detail (JSON, @FILE, -).")] = "{}",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Subscribe a public https URL to events; prints the signing secret, this once."""
    client, base = as_tenant(profile, tenant)
    asked = {"url": url, "events": event, "where": json_argument(where, "--where")}
    made = client.post(f"{base}/webhooks", asked)
    _secret(made, f"{made['webhook']['id']} is told of {', '.join(event)}, signed with this secret:", machine=machine)


@app.command("list")
def listed(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List the webhooks."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/webhooks")["webhooks"]
    if machine:
        render.as_json(found)
    else:
        render.table(LISTED, map(_row, found), "No webhooks. Add one: interlock webhook add https://… --event NAME")


@app.command("show")
def show(webhook: Hook, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show a webhook."""
    client, base = as_tenant(profile, tenant)
    _print(client.get(f"{base}/webhooks/{webhook}"), machine=machine)


@app.command("test")
def test(webhook: Hook, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Send a test message now; exit code 1 where the webhook does not take it."""
    client, base = as_tenant(profile, tenant)
    done = client.post(f"{base}/webhooks/{webhook}/test")
    if machine:
        render.as_json(done)
    else:
        said = f"answered {done['status']}" if done["status"] else f"did not answer: {done['error']}"
        render.out.print(f"It {said} in {done['duration_ms']:.0f} ms.", markup=False)
    if not 200 <= done["status"] < 300:
        raise typer.Exit(render.REFUSED)


@app.command("rotate")
def rotate(
    webhook: Hook,
    overlap: Annotated[int, typer.Option(help="Hours in which the old secret signs too.")] = 24,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Make a new signing secret; prints it, this once."""
    client, base = as_tenant(profile, tenant)
    made = client.post(f"{base}/webhooks/{webhook}/rotate", {"overlap_hours": overlap})
    _secret(made, f"The new secret; the old one signs too for {overlap} hours:", machine=machine)


@app.command("disable")
def disable(webhook: Hook, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Tell it nothing any more, until it is enabled."""
    client, base = as_tenant(profile, tenant)
    _print(client.post(f"{base}/webhooks/{webhook}/disable"), machine=machine)


@app.command("enable")
def enable(webhook: Hook, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Tell it again, from now on; what failed meanwhile: interlock webhook redeliver ID --failed."""
    client, base = as_tenant(profile, tenant)
    _print(client.post(f"{base}/webhooks/{webhook}/enable"), machine=machine)


@app.command("remove")
def remove(webhook: Hook, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Forget a webhook, its secrets and its deliveries."""
    client, base = as_tenant(profile, tenant)
    found = client.delete(f"{base}/webhooks/{webhook}")
    if machine:
        render.as_json(found)
    else:
        render.out.print(f"{found['url']} is told no more.", markup=False)


@app.command("deliveries")
def deliveries(
    webhook: Hook,
    status: Annotated[str, typer.Option(help="waiting, delivered or failed; all by default.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List deliveries, newest first, with their attempts."""
    client, base = as_tenant(profile, tenant)
    path = f"{base}/webhooks/{webhook}/deliveries"
    if machine:
        render.as_json(list(client.pages(path, "deliveries", status=status)))
    else:
        found = client.get(path, status=status)["deliveries"]
        render.table(DELIVERED, map(_delivery, found), "Nothing was delivered yet.")


@app.command("redeliver")
def redeliver(
    webhook: Hook,
    delivery: Annotated[str, typer.Argument(help="One delivery.")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="Every failed one.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Put a delivery on its way again, or every failed one."""
    if bool(delivery) == failed:
        raise typer.BadParameter("name a delivery, or say --failed")
    client, base = as_tenant(profile, tenant)
    again: list[dict[str, Any]] = []
    if delivery:
        again.append(client.post(f"{base}/webhooks/{webhook}/deliveries/{delivery}/redeliver"))
    else:
        again = _all_failed(client, f"{base}/webhooks/{webhook}/redeliver")
    if machine:
        render.as_json(again)
    else:
        render.out.print(f"{len(again)} on their way again: interlock webhook deliveries {webhook}")


def _all_failed(client: Client, path: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    while True:
        # The index follows the items: a page may name again what was just put on its way.
        fresh = {row["id"]: row for row in client.post(path)["deliveries"] if row["id"] not in found}
        if not fresh:
            return list(found.values())
        found |= fresh


def _secret(made: dict[str, Any], words: str, *, machine: bool) -> None:
    if machine:
        render.as_json(made)
        return
    render.out.print(words, markup=False)
    render.out.print(made["secret"], markup=False)
    render.out.print(f"It is not shown again. Try it: interlock webhook test {made['webhook']['id']}")


def _print(found: dict[str, Any], *, machine: bool) -> None:
    if machine:
        render.as_json(found)
        return
    why = f" ({found['why']})" if found["why"] else ""
    render.out.print(f"{found['id']}  {found['status']}{why}  {found['url']}", markup=False)
    where = f" where {render.short(found['where'])}" if found["where"] else ""
    render.out.print(f"  {', '.join(found['events'])}{where}, added {found['created']} by {found['by']}", markup=False)
    if found["failing_since"]:
        render.out.print(f"  failing since {found['failing_since']}", markup=False)


def _row(row: dict[str, Any]) -> list[object]:
    words = [row["id"], row["status"], row["url"], ", ".join(row["events"])]
    return [*words, row["failing_since"] or "", row["why"]]


def _delivery(row: dict[str, Any]) -> list[object]:
    last: dict[str, Any] = row["attempts"][-1] if row["attempts"] else {}
    said = last.get("status") or last.get("error", "")
    took = f"{last['duration_ms']:.0f} ms" if last else ""
    return [row["id"], row["status"], row["event"], row["created"], len(row["attempts"]), said, took, row["next"] or ""]
