"""`interlock break …`: breakpoints on a run, an install or a version."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.durations import seconds_of
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import As, AsJson, Tenant, app_parts, as_kind, as_tenant

if TYPE_CHECKING:
    from collections.abc import Callable

    from interlock.client.resources.version_breakpoints import VersionBreakpointsResource
    from interlock.contract.breakpoint import (
        ArmedBreakpoint,
        BreakpointList,
        BreakpointReach,
        BreakpointRemoved,
        NewBreakpoint,
    )
    from interlock.contract.run import Breakpoint

app = typer.Typer()
Target = Annotated[
    str,
    typer.Argument(
        help="A run, an install (its name, its id, or the app), or publisher/name@version.", metavar="TARGET"
    ),
]
COLUMNS = ("breakpoint", "state", "at", "if", "hits", "once", "until", "armed by", "spent", "errors")


class Calls(NamedTuple):
    """The calls about the breakpoints of one run, install or version."""

    list: Callable[[], BreakpointList]
    create: Callable[[NewBreakpoint], Breakpoint]
    delete: Callable[[str], BreakpointRemoved]
    reach: Callable[[str], BreakpointReach] | None = None
    """None where the runs are not counted."""


@app.command("add")
def add(
    target: Target,
    state: Annotated[str, typer.Option(help="A state, a pattern such as 'write*', or STATE[INDEX] in a Map.")] = "*",
    at: Annotated[Literal["before", "after", "error"], typer.Option(help="When a step stops.")] = "before",
    condition: Annotated[str, typer.Option("--if", help="JSONata over input, output and error.")] = "",
    hits: Annotated[int, typer.Option(min=1, help="Stop at the match of this number.")] = 1,
    every: Annotated[bool, typer.Option("--every", help="Stay armed after a step stopped.")] = False,
    lasts: Annotated[str, typer.Option("--for", help="Stay armed for a time, such as 30m or 2h.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Arm a breakpoint. A run in flight stops at its next step that matches."""
    from interlock.contract.breakpoint import NewBreakpoint
    from interlock.contract.core.base import now

    until = now(timedelta(seconds=seconds_of(lasts, "--for"))) if lasts else None
    new = NewBreakpoint(state=state, at=at, condition=condition, hits=hits, once=not every, until=until)
    calls = _calls(target, profile, tenant)
    armed = calls.create(new)
    text = f"Breakpoint {armed.id} is armed: {at} {state}. See what it stopped: interlock pause list"
    if calls.reach is not None and not machine:
        reach = calls.reach(state)
        text += f"\nIt could stop {_reach_text(reach, of_version=bool(app_parts(target)[2]))}, and later ones."
    render.answer(armed, text, machine=machine)


@app.command("list")
def list_(target: Target, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List the breakpoints of a run, an install or a version."""
    armed = _calls(target, profile, tenant).list().breakpoints
    empty = f"There are no breakpoints. Arm one: interlock break add {target} --state NAME"
    render.answer(armed, lambda: render.table(COLUMNS, map(_row, armed), empty), machine=machine)


@app.command("remove")
def remove(
    target: Target,
    breakpoint: Annotated[str, typer.Argument(help="Its id.")],
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Remove a breakpoint. Steps that it has stopped stay paused."""
    removed = _calls(target, profile, tenant).delete(breakpoint)
    render.answer(removed, f"Breakpoint {breakpoint} is removed.", machine=machine)


def _calls(target: str, profile: str | None, tenant: str) -> Calls:
    from interlock.contract.core.names import RUN_ID_CHARS

    publisher, name, version = app_parts(target)
    if version:
        of_version = as_kind(profile, "publisher", publisher).version_breakpoints
        return Calls(
            partial(of_version.list, publisher, name, version),
            partial(of_version.create, publisher, name, version),
            partial(of_version.delete, publisher, name, version),
            partial(_reach_of_version, of_version, (publisher, name, version)),
        )
    client, tenant = as_tenant(profile, tenant)
    is_run = len(target) == RUN_ID_CHARS
    resource = client.run_breakpoints if is_run else client.install_breakpoints
    target = target if is_run else install_id(client, tenant, target)

    def _reach(state: str) -> BreakpointReach:
        return client.install_breakpoints.count(tenant, target, state=state)

    return Calls(
        partial(resource.list, tenant, target),
        partial(resource.create, tenant, target),
        partial(resource.delete, tenant, target),
        None if is_run else _reach,
    )


def _reach_of_version(resource: VersionBreakpointsResource, where: tuple[str, str, str], state: str) -> BreakpointReach:
    return resource.count(*where, state=state)


def _reach_text(reach: BreakpointReach, *, of_version: bool) -> str:
    more = " or more" if reach.more else ""
    others = reach.tenants - 1
    tenants = f" and {others} {'tenants' if others > 1 else 'tenant'} that you may debug" if others else ""
    where = f" in the sandbox{tenants}" if of_version else ""
    return f"{reach.could_stop}{more} of {reach.under_way}{more} runs under way{where}"


def _row(armed: ArmedBreakpoint) -> list[object]:
    rule = armed.breakpoint
    index = f"[{rule.index}]" if rule.index is not None else ""
    once, spent = ("yes" if word else "no" for word in (rule.once, armed.spent))
    cells: list[object] = [rule.id, rule.state + index, rule.at, rule.condition, f"{armed.hits} of {rule.hits}"]
    errors = f"{armed.errors}: {armed.last_error}" if armed.errors else ""
    return [*cells, once, rule.until, rule.armed_by, spent, errors]
