"""`interlock up|down|status|whoami`: the local platform, and who you are on it."""

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, as_kind
from interlock.cli.terminal.profiles import Profile, load, save
from interlock.contract.core.failure import Conflict
from interlock.contract.registry import Role

if TYPE_CHECKING:
    from interlock.local.platform import Platform

OPERATOR = "operator"


def up(
    port: Annotated[int | None, typer.Option(help="The engine's port; by default the one it had, or 4666.")] = None,
    machine: AsJson = False,
) -> None:
    """Start the local platform: the engine, then the same stacks as on AWS. A second time, nothing changes."""
    from interlock.local import platform

    steps = render.Steps(quiet=machine)
    started = platform.up(steps, port=port)
    if not _is_operator_of(started):
        steps.step("Create the operator")
        _create_operator(started)
    steps.done()
    record = started.record
    if machine:
        words = {"endpoint": record.endpoint_url, "api_host": record.api_host, "deployed": started.deployed}
        render.as_json(words | {"recovered": list(started.recovered)})
        return
    for run in started.recovered:
        render.out.print(f"Run {run} is recovered: what it had done is served, the rest goes on.")
    render.out.print(f"The platform is up at {record.endpoint_url}. Next: interlock tenant create NAME")


def down(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, also with runs in flight.")] = False,
    machine: AsJson = False,
) -> None:
    """Stop the local platform. Runs in flight are recovered by the next `interlock up`."""
    from interlock.local import platform

    running = platform.status().running
    if running and not yes:
        what = f"{running} runs are in flight"
        if machine or not render.out.is_terminal or not typer.confirm(f"{what}. Stop all the same?"):
            raise Conflict(what, code="runs-in-flight", next_step="interlock down --yes; the next up recovers them")
    platform.down()
    if machine:
        render.as_json({"stopped": True, "in_flight": running})
    else:
        render.out.print("The platform is down." + (f" {running} runs go on at the next up." if running else ""))


def status(machine: AsJson = False) -> None:
    """Look at the local platform; exit code 5 where it is not up."""
    from interlock.local import platform

    found = platform.status()
    record = found.record
    words = {
        "engine": "running" if found.engine.running else "stopped",
        "endpoint": record.endpoint_url if record else "",
        "stacks": found.stacks,
        "current": found.current,
        "runs_in_flight": found.running,
    }
    if machine:
        render.as_json(words)
    else:
        render.table(("what", "is"), [[key, render.short(value, 300)] for key, value in words.items()], "")
        if not found.engine.running:
            render.err.print("  Start it: interlock up")
    if not found.engine.running:
        raise typer.Exit(render.NO_PLATFORM)


def whoami(profile: As = None, machine: AsJson = False) -> None:
    """Show who a profile is to the platform."""
    found = as_kind(profile, "operator").get("/v1/me")
    if machine:
        render.as_json(found)
    else:
        rows = [[row["name"], row["scope"], row["role"]] for row in found["memberships"]]
        render.table(("name", "scope", "role"), rows, "A member of nothing.")


def _is_operator_of(started: "Platform") -> bool:
    known = load().profiles.get(OPERATOR)
    return known is not None and known.api_host == started.record.api_host


def _create_operator(started: "Platform") -> None:
    from interlock.aws.tables.registry import Registry
    from interlock.contract.core.names import ulid
    from interlock.control.tenants.identities import create_identity
    from interlock.local.environment import talking_to

    record = started.record
    with talking_to(started.engine):
        name = f"{OPERATOR}-{ulid().lower()}"
        made = create_identity(
            Registry(record.registry_table), record.user_pool, record.token_url, "platform", Role.OPERATOR, name
        )
    save(
        Profile(
            name=OPERATOR,
            kind="operator",
            api_url=record.api_url,
            api_host=record.api_host,
            token_url=record.token_url,
            client_id=made.client_id,
            client_secret=made.client_secret,
        )
    )
