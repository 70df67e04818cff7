"""`interlock run debug`: a recorded step under a debugger on this machine."""

from __future__ import annotations

import getpass
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, Tenant, as_tenant
from interlock.contract.core.failure import BadRequest, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interlock.cli.runs.material import Material
    from interlock.cli.terminal.client import Client
    from interlock.local.debug.job import Job
    from interlock.local.debug.live import LiveReads
    from interlock.local.debug.session import Ended

app = typer.Typer()
SHOWN = 8


@app.command("debug")
def debug(
    run: Annotated[str, typer.Argument(help="A run that is over, of the platform; imported:RUN is an imported one.")],
    state: Annotated[
        str, typer.Option(help="STATE, STATE[INDEX] or STATE@2; by default the state that failed first.")
    ] = "",
    attempt: Annotated[
        int | None, typer.Option(min=0, help="0 for the first attempt; by default the one that failed.")
    ] = None,
    breaks: Annotated[list[str] | None, typer.Option("--break", help="FILE:LINE; may be repeated.")] = None,
    source: Annotated[Path | None, typer.Option(help="Run this working copy instead of the bundle.")] = None,
    terminal: Annotated[bool, typer.Option("--pdb", help="Debug here, in the terminal.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Perform real reads (catalog, HTTP), but no write.")] = False,
    secret: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, or NAME to be asked for it; may be repeated.")
    ] = None,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Fetch the tenant's own secrets, as one of its admins.")
    ] = False,
    port: Annotated[int, typer.Option(help="The port to listen on; 0 for any free one.")] = 0,
    editor: Annotated[bool, typer.Option("--editor/--no-editor", help="Write .vscode/launch.json.")] = True,
    trust: Annotated[
        str,
        typer.Option(
            "--trust-bundle",
            help="Run the bundle of this sha256, though no known platform certified it or another one ran; remembered.",
            metavar="DIGEST",
        ),
    ] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON when it listens, and one at its end.")
    ] = False,
) -> None:
    """Debug a recorded step with its exact bundle, input and effects, stopped on the failing line."""
    from interlock.cli.runs.material import Remote, from_import, job_of
    from interlock.cli.runs.recorded import imported
    from interlock.cli.runs.trust import require_trust
    from interlock.local.home import home

    place = home().root
    file = imported(run)
    client: Client | None = None
    if file is not None:
        if source is None:
            require_trust(file, place, trust, machine=machine)
        material = from_import(file, place, state, attempt, source)
    else:
        client, tenant = as_tenant(profile, tenant)
        material = Remote(client, tenant, run).material(place, state, attempt, trust)
    root = _root(material, source)
    values = _fetched_secrets(material, client, tenant, run) if secrets else {}
    job = job_of(material, root, breaks or (), values | _secrets(material, secret or ()))
    job = job.model_copy(update={"port": port, "pdb": terminal})
    if not machine:
        _print_material(material, root, job)
    reads = _live(client, tenant) if live else None
    if reads is not None:
        job = job.model_copy(update={"live": reads.address, "live_key": reads.key})
    try:
        _debug(job, material, root, (source or Path()).resolve() if editor else None, machine=machine)
    finally:
        if reads is not None:
            reads.close()


def _live(client: Client | None, tenant: str) -> LiveReads:
    from interlock.cli.runs.material import live_reads
    from interlock.local.debug.live import LiveReads

    if client is None:
        step = "Leave --live out."
        raise BadRequest("an imported run has no platform to read from", where="--live", next_step=step)
    return LiveReads(live_reads(client, tenant))


def _root(material: Material, source: Path | None) -> Path:
    """The folder whose code runs; files of a working copy that differ from the bundle are printed."""
    from interlock.local.debug.code import differing

    if source is None:
        if material.code is None:
            raise BadRequest("there is no code to run", where="--source", next_step="Name it with --source DIR.")
        return material.code
    rows = differing(source, material.code) if material.code is not None else ()
    if rows:
        more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        render.note(f"The code differs from the bundle: {', '.join(rows[:SHOWN])}{more}", "yellow")
    return source.resolve()


def _fetched_secrets(material: Material, client: Client | None, tenant: str, run: str) -> dict[str, str | None]:
    """The tenant's own values of the step's secrets."""
    from interlock.contract.debug_step import SecretsRequest

    if client is None:
        step = "Pass them with --secret NAME."
        raise BadRequest("an imported run has no tenant to fetch secrets of", where="--secrets", next_step=step)
    if not material.context.secrets:
        return {}
    request = SecretsRequest(names=tuple(material.context.secrets))
    return dict(client.recorded_steps.read_secrets(tenant, run, request).secrets)


def _secrets(material: Material, options: Sequence[str]) -> dict[str, str | None]:
    """The values of `--secret` options; the command asks for one that has only a name."""
    values: dict[str, str | None] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if name not in material.context.secrets:
            known = ", ".join(material.context.secrets) or "none"
            what = f"the app has no secret {name!r}"
            raise BadRequest(what, where="--secret", next_step=f"Its secrets are: {known}.")
        values[name] = value if equals else getpass.getpass(f"{name}: ")
    return values


def _print_material(material: Material, root: Path, job: Job) -> None:
    from interlock.debugger.choose import place_of
    from interlock.local.debug.job import STAND_IN

    run, record = material.run, material.record
    render.note(f"{run.app}@{run.version}  {run.id}  {place_of(record)} attempt {record.attempt}", "bold")
    for text in material.notes:
        render.note(f"  {text}", "yellow")
    render.note(f"  input {record.digest[:12]}, {record.input.size} bytes; {len(record.effects)} recorded effects")
    render.note(f"  code in {root}; it runs as you, on this machine")
    missing = [name for name in material.context.secrets if name not in job.secrets]
    if missing:
        stand_ins = ", ".join(f"{STAND_IN}{name}" for name in missing)
        render.note(f"  secrets are not in the record; stand-ins: {stand_ins} (--secret NAME, --secrets)")


def _exit_by_signal(number: int, _frame: object) -> None:
    """A terminated command ends its debugged process too, on the way out."""
    sys.exit(128 + number)


def _debug(job: Job, material: Material, root: Path, folder: Path | None, *, machine: bool) -> None:
    from interlock.local.debug.session import Session

    signal.signal(signal.SIGTERM, _exit_by_signal)
    with Session(job) as session:
        if not job.pdb:
            ready = session.ready()
            launch = _launch(folder, ready.port, root)
            _print_ready(material, root, ready.port, ready.pid, launch, machine=machine)
        try:
            ended = session.wait()
        except KeyboardInterrupt:
            render.note("Stopped.")
            return
    _report(ended, material, machine=machine)


def _print_ready(material: Material, root: Path, port: int, pid: int, launch: str, *, machine: bool) -> None:
    from interlock.debugger.choose import place_of

    file, line = _target(material, root)
    if machine:
        value = {"port": port, "file": file, "line": line, "pid": pid, "root": str(root)}
        _print_json(value | {"state": place_of(material.record), "attempt": material.record.attempt, "launch": launch})
        return
    where = f"{file}:{line}" if file else "the step"
    render.note(f"Waiting on 127.0.0.1:{port} to stop at {where}")
    render.note("  VS Code: Run and Debug, Interlock: attach" if launch else "  Attach a DAP client.")


def _launch(folder: Path | None, port: int, root: Path) -> str:
    from interlock.local.debug.editor import configuration, write_launch

    if folder is None:
        return ""
    try:
        return str(write_launch(folder, configuration(port, root)))
    except Failure as failure:
        # The debugger works without it: the problem is printed, and the file stays as it is.
        render.failure(failure, machine=False)
        return ""


def _target(material: Material, root: Path) -> tuple[str, int]:
    """Where it is going to stop, by the record and the code's syntax."""
    from interlock.contract.own_code import is_own_code
    from interlock.local.debug.lines import step_place

    error = material.record.error
    for frame in reversed(error.frames if error else ()):
        if not Path(frame.file).is_absolute() and is_own_code(frame.file):
            return str(root / frame.file), frame.line
    return step_place(root, material.handler) or ("", 0)


def _report(ended: Ended, material: Material, *, machine: bool) -> None:
    outcome = ended.outcome
    if machine:
        value: dict[str, Any] = {"end": "exit", "code": ended.code, "words": ended.words if not outcome else ""}
        _print_json(outcome.model_dump(mode="json") | {"code": ended.code} if outcome else value)
        return
    if outcome is None:
        render.note(ended.words, "red")
        return
    if outcome.end == "quit":
        render.note("You left the debugger.")
        return
    error = outcome.error
    what = f"{error.name}: {error.message}".removesuffix(": ") if error else f"output {render.short(outcome.output)}"
    render.note(f"It ended: {what}")
    verdict = "the same as recorded" if outcome.same else f"not as recorded ({_recorded(material)})"
    real = sum(effect.performed and effect.kind != "secret" for effect in outcome.effects)
    reads = f"{real} real reads" if real else "none performed"
    render.note(f"  {verdict}; {len(outcome.effects)} effects, {reads}")


def _recorded(material: Material) -> str:
    record = material.record
    return record.error.name if record.error else f"{record.status.value}, {render.body(record.output)}"


def _print_json(value: dict[str, Any]) -> None:
    render.json_text(json.dumps(value, ensure_ascii=False))
