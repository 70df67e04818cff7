"""`interlock event …`: a tenant's events, and the triggers that are stopped."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import As, AsJson, Tenant, WhichInstall, as_tenant, json_argument

if TYPE_CHECKING:
    from interlock.contract.logged_event import LoggedEvent

app = typer.Typer()
FOLLOW_SECONDS = 1.0


@app.command("send")
def send(
    name: str,
    data: Annotated[str, typer.Option("--input", "--data", help="The event's data: JSON, @FILE or -.")] = "{}",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Send an event to the tenant's bus."""
    from interlock.contract.logged_event import NewEvent

    client, tenant = as_tenant(profile, tenant)
    sent = client.events.send(tenant, NewEvent(name=name, data=json_argument(data, "--input")))
    render.answer(sent, f"{name} is sent as {sent.id}.", machine=machine)


@app.command("tail")
def tail(
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="Begin this many minutes ago.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the command is stopped.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show recent events, oldest first."""
    from interlock.contract.core.base import now

    client, tenant = as_tenant(profile, tenant)
    since = now(-timedelta(minutes=minutes))
    events = client.events.list(tenant, since=since).events
    if machine and not follow:
        render.as_json(events)
        return
    seen: set[str] = set()
    while True:
        for event in events:
            if event.id not in seen:
                seen.add(event.id)
                render.answer(event, _line(event), machine=machine)
        if not follow:
            return
        threading.Event().wait(FOLLOW_SECONDS)
        events = client.events.list(tenant, since=since).events


@app.command("stopped")
def stopped(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List the triggers that are stopped because they fed themselves."""
    client, tenant = as_tenant(profile, tenant)
    triggers = client.triggers.list_stopped(tenant).triggers
    columns = ("app", "install", "workflow", "trigger", "since", "dead letter")
    rows = (
        [row.app, row.install_name or row.install, row.workflow, row.trigger, row.at, row.letter] for row in triggers
    )
    render.answer(triggers, lambda: render.table(columns, rows, "No trigger is stopped."), machine=machine)


@app.command("start")
def start(
    install: WhichInstall, workflow: str, trigger: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """Let a stopped trigger start runs again. Its dead letters are redriven one by one, or with --all."""
    from interlock.contract.dead_letter import TriggerRef

    client, tenant = as_tenant(profile, tenant)
    started = client.triggers.start(
        tenant, TriggerRef(install=install_id(client, tenant, install), workflow=workflow, trigger=trigger)
    )
    text = f"{trigger} starts runs again. See the events that came meanwhile: interlock event dead list"
    render.answer(started, text, machine=machine)


def _line(event: LoggedEvent) -> str:
    detail: dict[str, Any] = event.detail or {}
    about = detail.get("asset", {}).get("qualified_name") or detail.get("run") or render.short(detail.get("data", ""))
    return f"{event.time}  {event.name:<16} {about}"
