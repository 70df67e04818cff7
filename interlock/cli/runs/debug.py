"""`interlock run debug`: a recorded step under a debugger on this machine."""

import getpass
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from interlock.cli.runs.material import Material, Remote, from_import, live_reads
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, Tenant, as_tenant
from interlock.cli.terminal.profiles import home
from interlock.contract.core.failure import BadRequest, Failure
from interlock.contract.envelope import StepRequest
from interlock.debugger.choose import place_of
from interlock.local.debug.code import differing
from interlock.local.debug.editor import configuration, write_launch
from interlock.local.debug.job import STAND_IN, Break, Job
from interlock.local.debug.lines import is_own, step_place
from interlock.local.debug.session import Ended, Session
from interlock.local.imported import find_imported

if TYPE_CHECKING:
    from interlock.local.debug.live import LiveReads

SHOWN = 8


def debug(
    run: Annotated[str, typer.Argument(help="A run that is over, of the platform or imported.")],
    state: Annotated[str, typer.Option(help="STATE, STATE[INDEX], STATE@2; else what failed first.")] = "",
    attempt: Annotated[int | None, typer.Option(min=0, help="0 for the first try; else the one that failed.")] = None,
    breaks: Annotated[list[str] | None, typer.Option("--break", help="FILE:LINE; again for more.")] = None,
    source: Annotated[Path | None, typer.Option(help="Run this working copy instead of the bundle.")] = None,
    terminal: Annotated[bool, typer.Option("--pdb", help="Debug here, in the terminal.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Do real reads (catalog, HTTP); never a write.")] = False,
    secret: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, or NAME to be asked; again for more.")] = None,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Fetch the tenant's own secrets (its admins only).")
    ] = False,
    port: Annotated[int, typer.Option(help="Where to listen; 0 finds one.")] = 0,
    editor: Annotated[bool, typer.Option("--editor/--no-editor", help="Write .vscode/launch.json.")] = True,
    trust: Annotated[bool, typer.Option("--trust-bundle", help="Run a bundle of another digest than ran.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: Annotated[
        bool, typer.Option("--json", help="A line of JSON when it listens, and one at its end.")
    ] = False,
) -> None:
    """Debug a recorded step: its exact bundle, input and effects, stopped on the failing line or the step's first."""
    place = home().resolve()
    imported = find_imported(place, run)
    client: Client | None = None
    base = ""
    if imported is not None:
        found = from_import(imported, place, state, attempt, trusting=trust, needs_code=source is None)
    else:
        client, base = as_tenant(profile, tenant)
        found = Remote(client, base, run).material(place, state, attempt, trusting=trust)
    root = _root(found, source)
    job = Job(
        request=StepRequest(
            handler=found.handler,
            input=found.record.input.value,
            context=found.context,
            dry=True,
            journal=found.record.effects,
            redact=found.run.redact,
        ),
        root=str(root),
        record=found.record,
        pdb=terminal,
        port=port,
        breaks=_breaks(root, breaks or ()),
        secrets=_secrets(found, client, base, run, secret or (), fetch=secrets),
        outcome="",
    )
    _tell(found, root, job, machine=machine)
    if live and client is None:
        raise BadRequest("an imported run has no platform to read from", where="--live", next_step="Leave --live out.")
    reads = _live(client, base) if live and client is not None else None
    if reads is not None:
        job = job.model_copy(update={"live": reads.address, "live_key": reads.key})
    try:
        _debug(job, found, root, (source or Path()).resolve() if editor else None, machine=machine)
    finally:
        if reads is not None:
            reads.close()


def _live(client: Client, base: str) -> "LiveReads":
    # multiprocessing is a good part of the command's start, and most sessions never need it.
    from interlock.local.debug.live import LiveReads

    return LiveReads(live_reads(client, base))


def _root(found: Material, source: Path | None) -> Path:
    """The folder whose code runs; what of a working copy differs is said."""
    if source is None:
        if found.code is None:
            raise BadRequest("there is no code", where="--source", next_step="Say --source DIR.")
        return found.code
    rows = differing(source, found.code) if found.code is not None else ()
    if rows:
        more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        render.err.print(f"[yellow]The code differs from the bundle:[/yellow] {escape(', '.join(rows[:SHOWN]))}{more}")
    return source.resolve()


def _breaks(root: Path, words: list[str] | tuple[()]) -> tuple[Break, ...]:
    made: list[Break] = []
    for word in words:
        file, _, line = word.rpartition(":")
        path = (root / file).resolve()
        if not line.isdecimal() or not path.is_file() or int(line) > len(path.read_bytes().splitlines()):
            raise BadRequest(f"no line {word!r} in {root}", where="--break", next_step="FILE:LINE, inside the app.")
        made.append(Break(file=str(path), line=int(line)))
    return tuple(made)


def _secrets(
    found: Material, client: Client | None, base: str, run: str, words: list[str] | tuple[()], *, fetch: bool
) -> dict[str, str | None]:
    """Values of secrets by name: what a person gave, or the tenant's own where its admin asks for them."""
    values: dict[str, str | None] = {}
    if fetch:
        if client is None:
            raise BadRequest("an imported run has no tenant to ask", where="--secrets", next_step="--secret NAME")
        names = list(found.context.secrets)
        values |= client.post(f"{base}/runs/{run}/secrets", {"names": names})["secrets"] if names else {}
    for word in words:
        name, given, value = word.partition("=")
        if name not in found.context.secrets:
            known = ", ".join(found.context.secrets) or "none"
            raise BadRequest(f"the app has no secret {name!r}", where="--secret", next_step=f"There are: {known}.")
        values[name] = value if given else getpass.getpass(f"{name}: ")
    return values


def _tell(found: Material, root: Path, job: Job, *, machine: bool) -> None:
    if machine:
        return
    record = found.record
    name = f"{found.run.app}@{found.run.version}  {found.run.id}  {place_of(record)} attempt {record.attempt}"
    render.err.print(f"[bold]{escape(name)}[/bold]")
    for note in found.notes:
        render.err.print(f"  [yellow]{escape(note)}[/yellow]")
    render.err.print(f"  input {record.digest[:12]}, {record.input.size} bytes; {len(record.effects)} recorded effects")
    render.err.print(f"  code in {escape(str(root))}; it runs as you, here")
    open_ones = [word for word in found.context.secrets if word not in job.secrets]
    if open_ones:
        stand_ins = ", ".join(f"{STAND_IN}{word}" for word in open_ones)
        render.err.print(f"  secrets are not in the record; stand-ins: {escape(stand_ins)} (--secret NAME, --secrets)")


def _ended_by_signal(number: int, _frame: object) -> None:
    """A terminated command ends its debugged process too, on the way out."""
    sys.exit(128 + number)


def _debug(job: Job, found: Material, root: Path, folder: Path | None, *, machine: bool) -> None:
    signal.signal(signal.SIGTERM, _ended_by_signal)
    with Session(job) as session:
        if not job.pdb:
            ready = session.ready()
            launch = _launch(folder, ready.port, root)
            file, line = _target(found, root)
            if machine:
                words = {"port": ready.port, "file": file, "line": line, "pid": ready.pid, "root": str(root)}
                _line(words | {"state": place_of(found.record), "attempt": found.record.attempt, "launch": launch})
            else:
                where = f"{file}:{line}" if file else "the step"
                render.err.print(f"Waiting on 127.0.0.1:{ready.port} to stop at {escape(where)}")
                render.err.print("  VS Code: Run and Debug, Interlock: attach" if launch else "  Attach a DAP client.")
        try:
            ended = session.wait()
        except KeyboardInterrupt:
            render.err.print("Stopped.")
            return
    _report(ended, found, machine=machine)


def _launch(folder: Path | None, port: int, root: Path) -> str:
    if folder is None:
        return ""
    try:
        return str(write_launch(folder, configuration(port, root)))
    except Failure as failure:
        # The debugger works without it: what stands in the way is said, and the file stays as it is.
        render.failure(failure, machine=False)
        return ""


def _target(found: Material, root: Path) -> tuple[str, int]:
    """Where it is going to stop, as far as the record and the code's syntax tell."""
    error = found.record.error
    for frame in reversed(error.frames if error else ()):
        if not Path(frame.file).is_absolute() and is_own(str(root / frame.file), str(root)):
            return str(root / frame.file), frame.line
    return step_place(root, found.handler) or ("", 0)


def _report(ended: Ended, found: Material, *, machine: bool) -> None:
    outcome = ended.outcome
    if machine:
        words: dict[str, Any] = {"end": "exit", "code": ended.code, "words": ended.words if not outcome else ""}
        _line(outcome.model_dump(mode="json") | {"code": ended.code} if outcome else words)
        return
    if outcome is None:
        render.err.print(f"[red]{escape(ended.words)}[/red]")
        return
    if outcome.end == "quit":
        render.err.print("You left the debugger.")
        return
    said = outcome.error
    what = f"{said.name}: {said.message}" if said else f"output {render.short(outcome.output)}"
    render.err.print(f"It ended: {escape(what)}")
    verdict = "the same as recorded" if outcome.same else f"not as recorded ({_recorded(found)})"
    real = sum(effect.performed and effect.kind != "secret" for effect in outcome.effects)
    read = f"{real} real reads" if real else "none performed"
    render.err.print(f"  {escape(verdict)}; {len(outcome.effects)} effects, {read}")


def _recorded(found: Material) -> str:
    record = found.record
    return (
        record.error.name
        if record.error
        else f"{record.status.value}, {render.body(record.output and record.output.model_dump())}"
    )


def _line(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()
