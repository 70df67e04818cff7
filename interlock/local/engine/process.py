"""Start and look at the embedded engine: a detached process that outlives the command. `stopping.py` stops it.

Its state (tables, objects, stacks, functions, queues) is on the disk when a change is acknowledged (ADR 0031). Running
executions and task tokens never survive a restart.
"""

from __future__ import annotations

import http.client
import os
import random
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from interlock.local.engine.failure import EngineDied, PortInUse, StateDamaged
from interlock.local.engine.lock import held
from interlock.local.engine.memory import steps_at_once
from interlock.local.engine.record import (
    ACCOUNT_ID,
    REGION,
    Record,
    fresh_record,
    mark_process,
    read_record,
    record_path,
    runs,
    write_record,
)
from interlock.local.engine.stopping import end, end_of_engine, forget_report, is_stopping, raise_damaged
from interlock.local.engine.venv import ensure_venvs

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 4666
_HERE = Path(__file__).parent
_POLL_SECONDS = 0.02
MODEL_VARIABLES = ("INTERLOCK_MODEL", "INTERLOCK_MODEL_URL", "INTERLOCK_MODEL_KEY", "INTERLOCK_MODEL_PRICE")
"""See `interlock.contract.core.settings.ConverseSettings`; they are in memory alone."""


FREE_PORTS = (20_000, 32_000)
UNPACKED = ("code-", "layer-")
UNPACKED_SECONDS = 7 * 24 * 3600.0
"""Unpacked code that is older is unpacked again, so that the folder does not grow with each version."""
# A killed engine of ours keeps its port until the last of its threads has ended, a moment after it counts as dead.
RELEASE_SECONDS = 5.0


@dataclass(frozen=True)
class EngineSettings:
    """Where an engine lives and on which port.

    Attributes:
        state_dir: Everything of the engine is below it; made with mode 700.
        port: The port on loopback; 0 takes a free one.
        venv_root: Where the virtual environments are; below `state_dir` when None.
        start_deadline_s: How long it may take to get ready.
        steps_at_once: How many Tasks may call a function at a time; 0 for what the machine can hold.
        corrections_off: Corrections to leave out, for the conformance tests only.
    """

    state_dir: Path
    port: int = DEFAULT_PORT
    venv_root: Path | None = None
    start_deadline_s: float = 60.0
    steps_at_once: int = 0
    corrections_off: tuple[str, ...] = ()


@dataclass(frozen=True)
class Engine:
    """A running engine, and what a client needs to know of it."""

    endpoint_url: str
    port: int
    region: str
    account_id: str
    access_key: str
    secret_key: str = field(repr=False)
    xray_endpoint_url: str
    xray_daemon_address: str
    pid: int
    state_dir: Path
    python: Path


@dataclass(frozen=True)
class EngineStatus:
    """Whether the engine runs, and it, if it does.

    Attributes:
        running: Whether the recorded process is there and answers.
        engine: The engine when it runs.
        stale: Whether a record was left behind by an engine that ended without a stop.
    """

    running: bool
    engine: Engine | None
    stale: bool


def start_engine(settings: EngineSettings, say: Callable[[str], None] = lambda _: None) -> Engine:
    """Start the engine, or return the one that already runs for this state directory.

    One that is about to stop gets its time to save; it is never killed.

    Args:
        settings: Where and on which port.
        say: Who is told what is waited for.

    Returns:
        The engine, ready to answer.

    Raises:
        PortInUse: When a stranger has the port.
        EngineDied: When it ended while starting, or is not ready in time.
        StateDamaged: When its saved state cannot be read.
        EngineWillNotStop: When an earlier one is still there, and does not answer or cannot save.
        EngineInstallFailed: When its virtual environment could not be made.
    """
    state_dir = settings.state_dir.resolve()
    with held(state_dir):
        status = engine_status(state_dir)
        if status.engine:
            return status.engine
        before = read_record(state_dir)
        if before is not None and runs(before.engine):
            end_of_engine(state_dir, before, say)
        return _start(settings, state_dir)


def _start(settings: EngineSettings, state_dir: Path) -> Engine:
    state_dir.chmod(0o700)
    record = read_record(state_dir)
    if record is None and record_path(state_dir).exists():
        raise StateDamaged(
            "engine",
            f"{record_path(state_dir)} cannot be read",
            "Move it away, and `interlock up`: the engine makes new keys",
        )
    record = record or fresh_record()
    end(record.xray, 0)
    port = settings.port or free_port()
    _refuse_used(port, RELEASE_SECONDS if port == record.port else 0)
    pythons = ensure_venvs(settings.venv_root or state_dir)
    xray_port = _near(port)
    scratch = _scratch(state_dir / "tmp")
    record = replace(record, port=port, xray_port=xray_port, python=str(pythons.engine))
    write_record(state_dir, record.stopped())
    forget_report(state_dir)
    log = state_dir / "engine.log"
    # The engine holds one end until it ends, in whatever way, and X-Ray ends with it.
    life, held_end = os.pipe()
    try:
        xray = _spawn(
            [str(pythons.xray), str(_HERE / "xray_server.py"), str(xray_port), str(xray_port)],
            _base_environment(scratch),
            state_dir / "xray.log",
            stdin=life,
        )
        command = [str(pythons.engine), str(_HERE / "launcher.py")]
        engine = _spawn(command, _environment(settings, state_dir, record), log, holds=(held_end,))
    finally:
        os.close(life)
        os.close(held_end)
    record = replace(record, engine=mark_process(engine.pid), xray=mark_process(xray.pid))
    write_record(state_dir, record)
    deadline = time.monotonic() + settings.start_deadline_s
    try:
        _await_ready(engine, port, "/_ministack/health", log, deadline)
        _await_ready(xray, xray_port, "/", state_dir / "xray.log", deadline)
    except EngineDied:
        end(record.engine, 0)
        end(record.xray, 0)
        write_record(state_dir, record.stopped())
        raise
    return _engine(state_dir, record)


def engine_status(state_dir: Path) -> EngineStatus:
    """Look at the engine of a state directory without changing anything.

    Args:
        state_dir: The directory it was started with.

    Returns:
        Whether it runs; a recorded process id that now belongs to another process counts as stale.
    """
    state_dir = state_dir.resolve()
    record = read_record(state_dir)
    if record is None or record.engine is None:
        return EngineStatus(running=False, engine=None, stale=False)
    if not runs(record.engine):
        return EngineStatus(running=False, engine=None, stale=True)
    if is_stopping(state_dir) or not _answers(record.port, "/_ministack/health"):
        return EngineStatus(running=False, engine=None, stale=False)
    return EngineStatus(running=True, engine=_engine(state_dir, record), stale=False)


def _scratch(directory: Path) -> Path:
    """The engine's folder for what it can make again: without what its workers left, with unpacked code of late.

    Code and layers are named by their digest, and whole: to unpack and compile them again costs each function seconds.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for one in directory.iterdir():
        is_code = one.name.startswith(UNPACKED) and time.time() - one.stat().st_mtime < UNPACKED_SECONDS
        if one.is_dir() and not is_code:
            shutil.rmtree(one, ignore_errors=True)
        elif not is_code:
            one.unlink(missing_ok=True)
    return directory


def free_port() -> int:
    """A port on loopback that nobody uses now, for TCP and UDP, and the one after it.

    Below the range that the system gives to outgoing connections, one of which could take it before it is used.
    """
    while True:
        port = random.SystemRandom().randrange(*FREE_PORTS)
        if all(is_free(one, kind) for one in (port, port + 1) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            return port


def _engine(state_dir: Path, record: Record) -> Engine:
    return Engine(
        endpoint_url=f"http://{LOOPBACK}:{record.port}",
        port=record.port,
        region=REGION,
        account_id=ACCOUNT_ID,
        access_key=record.access_key,
        secret_key=record.secret_key,
        xray_endpoint_url=f"http://{LOOPBACK}:{record.xray_port}",
        xray_daemon_address=f"{LOOPBACK}:{record.xray_port}",
        pid=record.engine.pid if record.engine else 0,
        state_dir=state_dir,
        python=Path(record.python),
    )


def _refuse_used(port: int, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not is_free(port):
        if time.monotonic() < deadline:
            threading.Event().wait(_POLL_SECONDS)
            continue
        raise PortInUse(
            "engine",
            f"port {port} is used by another program",
            f"stop what listens on {LOOPBACK}:{port}, or `interlock up --port {port + 10}`",
        )


def _near(port: int) -> int:
    wanted = port + 1
    if wanted < 65536 and all(is_free(wanted, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
        return wanted
    return free_port()


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Whether nobody listens on a port of loopback."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _base_environment(scratch: Path) -> dict[str, str]:
    values = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "HOME") if name in os.environ}
    return values | {"TMPDIR": str(scratch), "PYTHONUNBUFFERED": "1"}


def model_variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What of an environment says which language model steps call; the engine hands it to one function."""
    return {name: environment[name] for name in MODEL_VARIABLES if environment.get(name)}


def _environment(settings: EngineSettings, state_dir: Path, record: Record) -> dict[str, str]:
    return (
        _base_environment(state_dir / "tmp")
        | model_variables()
        | {
            "GATEWAY_PORT": str(record.port),
            "BIND_HOST": LOOPBACK,
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            # A burst leaves one process per concurrent call, of 60 MB; to start it again costs half a second of a core.
            "LAMBDA_WARM_TTL_SECONDS": "60",
            "INTERLOCK_STEPS_AT_ONCE": str(settings.steps_at_once or steps_at_once()),
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "STATE_DIR": str(state_dir / "state"),
            "S3_DATA_DIR": str(state_dir / "s3"),
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_REGION": REGION,
            "AWS_ACCESS_KEY_ID": record.access_key,
            "AWS_SECRET_ACCESS_KEY": record.secret_key,
            "AWS_XRAY_DAEMON_ADDRESS": f"{LOOPBACK}:{record.xray_port}",
            "AWS_ENDPOINT_URL_XRAY": f"http://{LOOPBACK}:{record.xray_port}",
            "INTERLOCK_CORRECTIONS_OFF": ",".join(settings.corrections_off),
            "INTERLOCK_JOURNAL": os.environ.get("INTERLOCK_JOURNAL", ""),
        }
    )


def _spawn(
    command: list[str],
    environment: dict[str, str],
    log: Path,
    stdin: int = subprocess.DEVNULL,
    holds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            pass_fds=holds,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=log.parent,
            start_new_session=True,
        )
    # Reaped when it ends, so that a long-lived caller keeps no zombie that looks alive.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _await_ready(process: subprocess.Popen[bytes], port: int, path: str, log: Path, deadline: float) -> None:
    while not _answers(port, path):
        if process.poll() is not None:
            raise_damaged(log.parent)
            raise EngineDied(
                "engine", f"it ended with {process.returncode} while starting:\n{_tail(log)}", f"read {log}"
            )
        if time.monotonic() > deadline:
            raise EngineDied("engine", f"it did not get ready in time:\n{_tail(log)}", f"read {log}")
        threading.Event().wait(_POLL_SECONDS)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tail(log: Path, lines: int = 20) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(no log)"
