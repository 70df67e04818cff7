"""Starts the debugged process and waits for its end."""

import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from interlock.contract.core.failure import Failure, Unavailable
from interlock.contract.own_code import VENDOR
from interlock.local.debug.job import Job, Outcome, Ready

CHILD = "interlock.local.debug.child"
KEPT_OUT = ("AWS_", "INTERLOCK_")
"""Variables that the app's code does not get: who runs it is no part of what was recorded."""


@dataclass(frozen=True)
class Ended:
    """How the process ended: its outcome, or None where it ended without one (an exit, a signal)."""

    outcome: Outcome | None
    code: int

    @property
    def words(self) -> str:
        """The end of a process without outcome."""
        if self.code < 0:
            return f"the step's process was ended by {signal.Signals(-self.code).name}"
        return f"the step ended its process with exit code {self.code}"


def _environment(root: str) -> dict[str, str]:
    """The process's variables; debugpy takes `root` less its dependencies for the developer's own code."""
    values = {name: value for name, value in os.environ.items() if not name.startswith(KEPT_OUT)}
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    libraries = os.pathsep.join([*sorted(installed), str(Path(root) / VENDOR)])
    own = {"IDE_PROJECT_ROOTS": root, "LIBRARY_ROOTS": libraries}
    return values | own | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def write_job(folder: Path, job: BaseModel) -> Path:
    """A file that its owner alone can read: a job may hold secrets."""
    path = folder / "job.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(job.model_dump_json())
    return path


def child_process(module: str, job: Path, root: str, stdout: int | None) -> subprocess.Popen[bytes]:
    """Start a module of ours that runs an app's code.

    Args:
        module: its name.
        job: the file that says what to run.
        root: the folder of the code.
        stdout: as subprocess takes it.
    """
    # Frozen modules have no lines to stop at, and -P keeps the current folder off the path.
    command = [sys.executable, "-X", "frozen_modules=off", "-P", "-m", module, str(job)]
    return subprocess.Popen(command, env=_environment(root), stdout=stdout)


class Session:
    """One debugged process; use it as a context: what is left of it is gone at the end."""

    def __init__(self, job: Job) -> None:
        """Start the process; for a terminal it is on its own from here on.

        Args:
            job: what to run; its `outcome` is set here.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="interlock-debug-")
        place = Path(self._folder.name)
        self._outcome = place / "outcome.json"
        job = job.model_copy(update={"outcome": str(self._outcome)})
        # Of a process that nobody talks to, what the step prints is not read.
        stdout = None if job.pdb else subprocess.PIPE if job.evaluate is None else subprocess.DEVNULL
        self.process = child_process(CHILD, write_job(place, job), job.root, stdout)

    def __enter__(self) -> "Session":
        """The session."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End the process if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self._folder.cleanup()

    def ready(self) -> Ready:
        """Where the debugger listens.

        Raises:
            Failure: the process ended before it listened.
        """
        line = self.process.stdout.readline() if self.process.stdout else b""
        try:
            return Ready.model_validate_json(line)
        except ValidationError as error:
            code = self.process.wait()
            raise Failure(
                f"the debugger did not start (exit code {code})",
                where=CHILD,
                code="debugger-failed",
                next_step="Read the output above; try another --port.",
            ) from error

    def wait(self, seconds: float | None = None) -> Ended:
        """Wait for the end of the process.

        Raises:
            Unavailable: it has not ended after `seconds`.
        """
        while True:
            try:
                code = self.process.wait(seconds)
                break
            except subprocess.TimeoutExpired as error:
                what = f"the step, or an expression, has not ended after {seconds:.0f} s"
                step = "Ask for less, or debug it yourself: interlock run debug RUN"
                raise Unavailable(what, where=CHILD, code="debug-timeout", next_step=step) from error
            except KeyboardInterrupt:
                # In a terminal, pdb has got it too, and it is pdb's to say what it means.
                if self.process.stdout is not None:
                    raise
        text = self._outcome.read_text() if self._outcome.exists() else ""
        return Ended(Outcome.model_validate_json(text) if text else None, code)
