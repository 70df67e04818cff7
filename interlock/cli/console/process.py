"""The process of the console's server: `interlock up` starts it, and it ends with the engine."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from pydantic import ValidationError

from interlock.contract.core.base import Document
from interlock.contract.core.failure import Failure
from interlock.local.engine.lock import held
from interlock.local.engine.process import LOOPBACK, engine_status, free_port, is_free
from interlock.local.engine.record import ProcessMark, mark_process, runs
from interlock.local.engine.stopping import end
from interlock.local.home import VARIABLE, Home, write_whole

AFTER_ENGINE = 2
"""The console's port is this much above the engine's; X-Ray has the one between."""
DEADLINE_SECONDS = 30.0
_POLL_SECONDS = 0.05


class ConsoleDied(Failure):
    """The console's server did not start."""

    default_code = "console-died"


class ServerRecord(Document):
    """The contents of `console/server.json`."""

    port: int
    pid: int
    started: str

    @property
    def mark(self) -> ProcessMark:
        """The process."""
        return ProcessMark(self.pid, self.started)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.port}"


def find_server(place: Home) -> ServerRecord | None:
    """The server that runs for a platform, if one does."""
    try:
        record = ServerRecord.model_validate_json(_file(place).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return record if runs(record.mark) else None


def begin_server(place: Home) -> ServerRecord:
    """Start the server where none runs; it is ready a moment later (`await_server`)."""
    with held(place.root / "console"):
        present = find_server(place)
        if present is not None:
            return present
        engine = engine_status(place.engine).engine
        wanted = engine.port + AFTER_ENGINE if engine else 0
        port = wanted if wanted and is_free(wanted) else free_port()
        log = place.root / "console" / "server.log"
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "interlock.cli.console.server", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | ({VARIABLE: str(place.root)} if place.root == place.config else {}),
                start_new_session=True,
            )
        # Reaped when it ends, so that a long-lived caller keeps no zombie that looks alive.
        threading.Thread(target=process.wait, daemon=True).start()
        mark = mark_process(process.pid)
        record = ServerRecord(port=port, pid=mark.pid, started=mark.started)
        write_whole(_file(place), record.model_dump_json().encode())
        return record


def await_server(place: Home, record: ServerRecord) -> None:
    """Wait until the server answers.

    Raises:
        ConsoleDied: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not _answers(record.port):
        if not runs(record.mark) or time.monotonic() > deadline:
            log = place.root / "console" / "server.log"
            text = log.read_text(errors="replace")[-1000:] if log.is_file() else ""
            raise ConsoleDied(
                f"the console's server did not start: {text.strip()}",
                where=str(log),
                next_step="Try again: interlock console",
            )
        threading.Event().wait(_POLL_SECONDS)


def end_server(place: Home) -> None:
    """End the server, if one runs."""
    record = find_server(place)
    if record is not None:
        end(record.mark, 1.0)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _file(place: Home) -> Path:
    return place.root / "console" / "server.json"
