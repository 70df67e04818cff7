"""`interlock event replay`: events of the archive, sent to one install again."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.durations import seconds_of
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.cli.terminal.wait import until as wait_until
from interlock.contract.core.base import now

WAIT_SECONDS = 86_400


def replay(
    install: Annotated[str, typer.Option(help="The install that gets the events; no other does.")],
    since: Annotated[str, typer.Option(help="A time such as 2026-01-31T09:00:00Z, or a span back: 90s, 30m, 2h, 7d.")],
    until: Annotated[str, typer.Option(help="A time, or a span back; now by default.")] = "",
    name: Annotated[str, typer.Option(help="Only events of this name.")] = "",
    where: Annotated[str, typer.Option(help="JSON, @FILE or -: an EventBridge pattern on the detail.")] = "{}",
    dry: Annotated[bool, typer.Option("--dry-run", help="Count, and send nothing.")] = False,
    key: Annotated[str, typer.Option(help="The same key is the same replay: it starts nothing twice.")] = "",
    wait: Annotated[bool, typer.Option(help="Wait until it is done, with progress.")] = True,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Send the archive's events of a time to one install again; the same replay again starts nothing twice."""
    client, base = as_tenant(profile, tenant)
    asked: dict[str, Any] = {"install": install, "since": _time(since, "--since"), "until": _time(until, "--until")}
    asked |= {"where": json_argument(where, "--where"), "dry": dry, "key": key}
    asked |= {"name": name} if name else {}
    found = client.post(f"{base}/replays", asked)
    if wait:
        found = _follow(client, f"{base}/replays/{found['id']}", quiet=machine)
    if machine:
        render.as_json(found)
        return
    sent = "would be sent (dry)" if dry else "were sent"
    render.out.print(f"{found['seen']} events read, {found['matched']} match, {found['starts']} starts {sent}.")
    render.out.print(f"Replay {found['id']} is {found['status']}.")


def _follow(client: Client, path: str, *, quiet: bool) -> dict[str, Any]:
    """Ask until it is done; a line each time that it has come further."""
    told: list[int] = []

    def ask() -> dict[str, Any] | None:
        found = client.get(path)
        if not quiet and told != [found["hours_read"], found["seen"]]:
            told[:] = [found["hours_read"], found["seen"]]
            progress = (
                f"{found['hours_read']} of {found['hours']} hours, {found['seen']} read, {found['matched']} match"
            )
            render.err.print(progress)
        return found if found["status"] == "done" else None

    step = "It stopped? interlock event dead list"
    return wait_until(ask, seconds=WAIT_SECONDS, what="the replay", next_step=step)


def _time(text: str, where: str) -> str:
    if not text:
        return now()
    if text[-1] in "smhd":
        return now(-timedelta(seconds=seconds_of(text, where)))
    return text
