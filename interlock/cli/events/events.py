"""`interlock event …`."""

import threading
from datetime import timedelta
from typing import Annotated, Any

import typer

from interlock.cli.events import dead
from interlock.cli.events.replay import replay
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.core.base import now

app = typer.Typer(no_args_is_help=True, help="A tenant's events.")
app.add_typer(dead.app, name="dead")
app.command("replay")(replay)
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
    since = now(-timedelta(minutes=minutes))
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


@app.command("stopped")
def stopped(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List the triggers that are stopped, because they fed themselves."""
    client, base = as_tenant(profile, tenant)
    found = client.get(f"{base}/triggers:stopped")["triggers"]
    if machine:
        render.as_json(found)
        return
    columns = ("app", "install", "workflow", "trigger", "since", "dead letter")
    rows = ([row["app"], row["install"], row["workflow"], row["trigger"], row["at"], row["letter"]] for row in found)
    render.table(columns, rows, "No trigger is stopped.")


@app.command("start")
def start(
    install: str, workflow: str, trigger: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """Let a stopped trigger start runs again; its dead letters are redriven one by one, or with --all."""
    client, base = as_tenant(profile, tenant)
    done = client.post(f"{base}/triggers:start", {"install": install, "workflow": workflow, "trigger": trigger})
    if machine:
        render.as_json(done)
    else:
        render.out.print(f"{trigger} starts runs again. What came meanwhile: interlock event dead list")


def _print(event: dict[str, Any], *, machine: bool) -> None:
    if machine:
        render.as_json(event)
        return
    detail = event["detail"]
    about = detail.get("asset", {}).get("qualified_name") or detail.get("run") or render.short(detail.get("data", ""))
    render.out.print(f"{event['time']}  {event['name']:<16} {about}")
