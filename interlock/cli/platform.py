"""`interlock up|down|status`: the local platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.extras import require
from interlock.cli.terminal.options import AsJson, profile_from
from interlock.contract.core.failure import Conflict

if TYPE_CHECKING:
    from interlock.local.platform import Platform

app = typer.Typer()
OPERATOR = "operator"
MB = 1024 * 1024


@app.command("up")
def up(
    port: Annotated[
        int | None, typer.Option(help="The engine's port; by default the one that it had, or 4666.")
    ] = None,
    machine: AsJson = False,
) -> None:
    """Start the local platform: the engine, with the same stacks as on AWS.

    On a platform that is up already, nothing changes.

    INTERLOCK_MODEL_URL (an endpoint that speaks OpenAI's chat completions, such as http://127.0.0.1:11434/v1),
    INTERLOCK_MODEL (the model's name there), INTERLOCK_MODEL_KEY and INTERLOCK_MODEL_PRICE (dollars for a million
    tokens in and out, such as 3/15) say what `ctx.model` calls. They are read when the engine starts, and written to no
    file.
    """
    require("local")
    from interlock.cli.console.page import PageBuild
    from interlock.cli.console.process import begin_server
    from interlock.local import platform

    steps = render.Steps(quiet=machine)
    page = PageBuild()
    started = platform.up(steps, port=port)
    console = begin_server(started.place)
    if not _has_operator(started):
        steps.step("Create the operator")
        _create_operator(started)
    page_error = page.wait(steps)
    steps.done()
    record = started.record
    value = {"endpoint": record.endpoint_url, "api_host": record.api_host, "deployed": started.deployed}
    value |= {"console": console.url}

    def show() -> None:
        for run in started.recovered:
            render.line(f"Run {run} is recovered: what it had done is served, and the rest goes on.")
        for run, reason in started.unrecovered.items():
            render.line(f"Run {run} can't go on: {reason}. It ends as aborted. Look: interlock run show {run}")
        for execution in started.resumed:
            machine, name = execution.split(":")[-2:]
            render.line(f"Workflow {machine} begins anew ({name}): it looks first at what is there.")
        if page_error:
            render.note(f"The console is not built: {page_error}")
        render.line(f"The platform is up at {record.endpoint_url}, and its console at {console.url}.")
        render.line("Next: interlock tenant create NAME, or look at it: interlock console")

    value |= {"recovered": list(started.recovered), "unrecovered": dict(started.unrecovered)}
    render.answer(value | {"resumed": list(started.resumed)}, show, machine=machine)


@app.command("down")
def down(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, even if runs are in flight.")] = False,
    machine: AsJson = False,
) -> None:
    """Stop the local platform. The next `interlock up` recovers runs that were in flight."""
    from interlock.cli.console.process import end_server
    from interlock.local import platform
    from interlock.local.home import home

    running = platform.status().running
    if running and not yes:
        what = f"{running} runs are in flight"
        if machine or not render.is_terminal() or not render.confirm(f"{what.capitalize()}. Stop all the same?"):
            raise Conflict(
                what,
                code="runs-in-flight",
                next_step="Stop all the same with --yes; the next `interlock up` recovers them.",
            )
    steps = render.Steps(quiet=machine)
    platform.down(progress=steps)
    end_server(home())
    steps.done()
    later = f" {running} runs go on when it is up again." if running else ""
    render.answer({"stopped": True, "in_flight": running}, f"The platform is down.{later}", machine=machine)


@app.command("status")
def status(machine: AsJson = False) -> None:
    """Show the state of the local platform. The exit code is 5 if it is not up."""
    require("local")
    from interlock.cli.console.process import find_server
    from interlock.local import platform
    from interlock.local.home import home

    state = platform.status()
    console = find_server(home())
    value: dict[str, object] = {
        "home": str(home().root),
        "engine": "running" if state.engine.running else "stopped",
        "endpoint": state.record.endpoint_url if state.record else "",
        "console": console.url if console else "",
        "stacks": state.stacks,
        "current": state.current,
        "runs_in_flight": state.running,
        "memory_mb": state.memory // MB,
        "state_mb": state.disk // MB,
    }

    def show() -> None:
        render.table(("what", "is"), [[name, render.short(row, 300)] for name, row in value.items()], "")
        if not state.engine.running:
            render.note("  Start it: interlock up")

    render.answer(value, show, machine=machine)
    if not state.engine.running:
        raise typer.Exit(render.NO_PLATFORM)


def _has_operator(started: Platform) -> bool:
    from interlock.cli.terminal.profiles import load

    known = load().profiles.get(OPERATOR)
    return known is not None and known.api_host == started.record.api_host


def _create_operator(started: Platform) -> None:
    from interlock.aws.tables.audit_log import AuditLog
    from interlock.aws.tables.registry import Registry
    from interlock.cli.terminal.profiles import save
    from interlock.contract.core.names import ulid
    from interlock.control.tenants.identities import IdentityContext
    from interlock.control.tenants.operators import OperatorContext, create_operator
    from interlock.local.environment import talking_to

    record = started.record
    with talking_to(started.engine):
        identities = IdentityContext(Registry(record.registry_table), record.user_pool, record.token_url)
        context = OperatorContext(identities, AuditLog(record.registry_table), "interlock up")
        # Earlier profiles of this platform may be gone, and their names are taken.
        create_operator(
            context,
            f"{OPERATOR}-{ulid().lower()}",
            lambda credentials: save(profile_from(credentials, record, "operator", OPERATOR)),
        )
