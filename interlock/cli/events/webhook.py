"""`interlock webhook …`: events for systems outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import (
    As,
    AsJson,
    DeliveryStatusName,
    Tenant,
    Yes,
    as_tenant,
    json_argument,
    require_yes,
)
from interlock.cli.terminal.people import NameOf, names_of

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.webhook import Attempt, Webhook, WebhookDelivery, WebhookWithSecret

app = typer.Typer()
Id = Annotated[str, typer.Argument(help="The webhook's id.", metavar="WEBHOOK")]
LISTED = ("webhook", "status", "url", "events", "failing since", "why")
DELIVERED = ("delivery", "status", "event", "created", "attempts", "last", "took", "next")


@app.command("add")
def add(
    url: str,
    event: Annotated[
        list[str], typer.Option(help="An event's name, the beginning of one (asset.*), or *; may be repeated.")
    ],
    where: Annotated[str, typer.Option(help="An EventBridge pattern on the detail: JSON, @FILE or -.")] = "{}",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Subscribe a public https URL to events. The signing secret is printed once."""
    from interlock.contract.webhook import NewWebhook

    client, tenant = as_tenant(profile, tenant)
    new = client.webhooks.create(
        tenant, NewWebhook(url=url, events=tuple(event), where=json_argument(where, "--where"))
    )
    text = f"{new.webhook.id} is notified of {', '.join(event)}, signed with this secret:"
    render.answer(new, lambda: _print_secret(new, text), machine=machine)


@app.command("list")
def list_(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List the webhooks."""
    client, tenant = as_tenant(profile, tenant)
    webhooks = client.webhooks.list(tenant).webhooks
    empty = "There are no webhooks. Add one: interlock webhook add https://… --event NAME"
    render.answer(webhooks, lambda: render.table(LISTED, map(_row, webhooks), empty), machine=machine)


@app.command("show")
def show(webhook: Id, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show a webhook."""
    client, tenant = as_tenant(profile, tenant)
    _answer(client.webhooks.get(tenant, webhook), names_of(client, tenant), machine=machine)


@app.command("test")
def test(webhook: Id, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Send a test message now. The exit code is 1 if the webhook refuses it."""
    client, tenant = as_tenant(profile, tenant)
    attempt = client.webhooks.test(tenant, webhook)
    render.answer(attempt, f"It {_outcome(attempt)} in {attempt.duration_ms:.0f} ms.", machine=machine)
    if not attempt.ok:
        raise typer.Exit(render.REFUSED)


@app.command("rotate")
def rotate(
    webhook: Id,
    overlap: Annotated[int, typer.Option(help="For this many hours the old secret signs too.")] = 24,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Make a new signing secret. It is printed once."""
    from interlock.contract.webhook import SecretRotation

    client, tenant = as_tenant(profile, tenant)
    new = client.webhooks.rotate_secret(tenant, webhook, SecretRotation(overlap_hours=overlap))
    text = f"This is the new secret. The old one signs too for {overlap} hours:"
    render.answer(new, lambda: _print_secret(new, text), machine=machine)


@app.command("disable")
def disable(webhook: Id, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Stop notifying a webhook until it is enabled."""
    client, tenant = as_tenant(profile, tenant)
    _answer(client.webhooks.disable(tenant, webhook), names_of(client, tenant), machine=machine)


@app.command("enable")
def enable(webhook: Id, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Notify a webhook again, from now on. For what failed meanwhile: interlock webhook redeliver ID --failed."""
    client, tenant = as_tenant(profile, tenant)
    _answer(client.webhooks.enable(tenant, webhook), names_of(client, tenant), machine=machine)


@app.command("remove")
def remove(webhook: Id, yes: Yes = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Delete a webhook, its secrets and its deliveries."""
    require_yes(f"Delete the webhook {webhook} with its deliveries?", webhook, yes=yes, machine=machine)
    client, tenant = as_tenant(profile, tenant)
    removed = client.webhooks.delete(tenant, webhook)
    render.answer(removed, f"{removed.url} is no longer notified.", machine=machine)


@app.command("deliveries")
def deliveries(
    webhook: Id,
    status: Annotated[DeliveryStatusName | None, typer.Option(help="Only deliveries with this status.")] = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List deliveries, newest first, with their attempts."""
    from interlock.contract.webhook import DeliveryStatus

    client, tenant = as_tenant(profile, tenant)
    wanted = DeliveryStatus(status) if status else None
    if machine:
        render.as_json(list(client.webhook_deliveries.iterate(tenant, webhook, status=wanted)))
        return
    rows = client.webhook_deliveries.list(tenant, webhook, status=wanted).deliveries
    render.table(DELIVERED, map(_delivery, rows), "There are no deliveries yet.")


@app.command("redeliver")
def redeliver(
    webhook: Id,
    delivery: Annotated[str, typer.Argument(help="One delivery.")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="Every failed one.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Send a delivery again, or every failed one."""
    if bool(delivery) == failed:
        raise typer.BadParameter("name a delivery, or use --failed")
    client, tenant = as_tenant(profile, tenant)
    if delivery:
        again = [client.webhook_deliveries.redeliver(tenant, webhook, delivery)]
    else:
        again = _redeliver_failed(client, tenant, webhook)
    render.answer(again, f"{len(again)} are sent again: interlock webhook deliveries {webhook}", machine=machine)


def _redeliver_failed(client: Client, tenant: str, webhook: str) -> list[WebhookDelivery]:
    every: dict[str, WebhookDelivery] = {}
    while True:
        # The index follows the items: a page may have deliveries again that are being sent already.
        page = client.webhook_deliveries.redeliver_failed(tenant, webhook).deliveries
        fresh = {row.id: row for row in page if row.id not in every}
        if not fresh:
            return list(every.values())
        every |= fresh


def _print_secret(new: WebhookWithSecret, text: str) -> None:
    render.line(text)
    render.line(new.secret)
    render.line(f"It is not shown again. Try it: interlock webhook test {new.webhook.id}")


def _answer(webhook: Webhook, name_of: NameOf, *, machine: bool) -> None:
    render.answer(webhook, lambda: _print(webhook, name_of), machine=machine)


def _print(webhook: Webhook, name_of: NameOf) -> None:
    why = f" ({webhook.why})" if webhook.why else ""
    render.line(f"{webhook.id}  {webhook.status.value}{why}  {webhook.url}")
    where = f" where {render.short(webhook.where)}" if webhook.where else ""
    render.line(f"  {', '.join(webhook.events)}{where}, added {webhook.created} by {name_of(webhook.by)}")
    if webhook.failing_since:
        render.line(f"  failing since {webhook.failing_since}")


def _row(row: Webhook) -> list[object]:
    return [row.id, row.status.value, row.url, ", ".join(row.events), row.failing_since, row.why]


def _delivery(row: WebhookDelivery) -> list[object]:
    last = row.attempts[-1] if row.attempts else None
    outcome = (last.status or last.error) if last else ""
    took = f"{last.duration_ms:.0f} ms" if last else ""
    return [row.id, row.status.value, row.event, row.created, len(row.attempts), outcome, took, row.next]


def _outcome(attempt: Attempt) -> str:
    return f"answered {attempt.status}" if attempt.status else f"did not answer: {attempt.error}"
