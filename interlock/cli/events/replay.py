"""`interlock event replay`: events of the archive, sent to one install again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.durations import seconds_of
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.cli.terminal.wait import until as wait_until

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.event_replay import EventReplay

app = typer.Typer()
WAIT_SECONDS = 86_400


@app.command("replay")
def replay(
    install: Annotated[str, typer.Option(help="The install that gets the events; no other one does.")],
    since: Annotated[
        str, typer.Option(help="Begin at a time such as 2026-01-31T09:00:00Z, or this long ago: 90s, 30m, 2h, 7d.")
    ],
    until: Annotated[str, typer.Option(help="End at a time, or this long ago; now by default.")] = "",
    name: Annotated[str, typer.Option(help="Only events of this name.")] = "",
    where: Annotated[str, typer.Option(help="An EventBridge pattern on the detail: JSON, @FILE or -.")] = "{}",
    dry: Annotated[bool, typer.Option("--dry-run", help="Count the events, and send none.")] = False,
    key: Annotated[str, typer.Option(help="The same key is the same replay: no event is sent twice.")] = "",
    wait: Annotated[bool, typer.Option(help="Wait until it is done, and show its progress.")] = True,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Send the archived events of a span of time to one install again."""
    from interlock.contract.event_replay import EventReplayRequest

    client, tenant = as_tenant(profile, tenant)
    request = EventReplayRequest(
        install=install_id(client, tenant, install),
        since=_time(since, "--since"),
        until=_time(until, "--until"),
        name=name or None,
        where=json_argument(where, "--where"),
        dry=dry,
        key=key,
    )
    state = client.event_replays.create(tenant, request)
    if wait:
        state = _follow(client, tenant, state.id, quiet=machine)
    render.answer(state, lambda: _print(state), machine=machine)


def _follow(client: Client, tenant: str, name: str, *, quiet: bool) -> EventReplay:
    """The replay once it is done; a line is printed each time that it made progress."""
    printed: list[int] = []

    def ask() -> EventReplay | None:
        state = client.event_replays.get(tenant, name)
        if not quiet and printed != [state.hours_read, state.seen]:
            printed[:] = [state.hours_read, state.seen]
            render.note(f"{state.hours_read} of {state.hours} hours, {state.seen} read, {state.matched} match")
        return state if state.status.value == "done" else None

    step = "If it stopped: interlock event dead list"
    return wait_until(ask, seconds=WAIT_SECONDS, what="the end of the replay", next_step=step)


def _print(state: EventReplay) -> None:
    sent = "would be sent (dry run)" if state.request.dry else "were sent"
    render.line(f"{state.seen} events read, {state.matched} match, {state.starts} starts {sent}.")
    render.line(f"Replay {state.id} is {state.status.value}.")


def _time(text: str, where: str) -> str:
    from interlock.contract.core.base import now

    if not text:
        return now()
    if text[-1] in "smhd":
        return now(-timedelta(seconds=seconds_of(text, where)))
    return text
