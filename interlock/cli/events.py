"""`interlock event …`."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from interlock.cli import render
from interlock.cli.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.base import moment

app = typer.Typer(no_args_is_help=True, help="A tenant's events.")
FOLLOW_SECONDS = 1.0


@app.command("send")
def send(
    name: str,
    data: Annotated[str, typer.Option(help="JSON, @FILE or -: the event's data.")] = "{}",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Send an event onto the tenant's bus."""
    client, base = as_tenant(profile, tenant)
    sent = client.post(f"{base}/events", {"name": name, "data": json_argument(data, "--data")})
    if machine:
        render.as_json(sent)
    else:
        render.out.print(f"{name} is sent as {sent['id']}.")


@app.command("tail")
def tail(
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="How far back to begin.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until stopped.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show recent events, oldest first."""
    client, base = as_tenant(profile, tenant)
    since = moment(datetime.now(UTC) - timedelta(minutes=minutes))
    seen: set[str] = set()
    found = client.get(f"{base}/events", since=since)["events"]
    if machine and not follow:
        render.as_json(found)
        return
    while True:
        for event in found:
            if event["id"] not in seen:
                seen.add(event["id"])
                _print(event, machine=machine)
        if not follow:
            return
        threading.Event().wait(FOLLOW_SECONDS)
        found = client.get(f"{base}/events", since=since)["events"]


def _print(event: dict[str, Any], *, machine: bool) -> None:
    if machine:
        render.as_json(event)
        return
    detail = event["detail"]
    about = detail.get("asset", {}).get("qualified_name") or detail.get("run") or render.short(detail.get("data", ""))
    render.out.print(f"{event['time']}  {event['name']:<16} {about}")
