"""Runs a command that must have no other beside it, even where whoever started the other was killed."""

import contextlib
import fcntl
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO


def run_alone(command: Sequence[str], folder: Path, environment: Mapping[str, str], output: IO[str], lock: Path) -> int:
    """Run a command to its end, and end first what an earlier call left at work.

    The command and its children hold the lock, so that it is free only when the last of them is gone.

    Args:
        command: a program and its arguments.
        folder: where it works.
        environment: all of its variables.
        output: gets what it prints, errors too.
        lock: a file, one for all commands that exclude each other.

    Returns:
        The exit code.
    """
    with lock.open("a+", encoding="utf-8") as file:
        _take(file)
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(file.fileno(),),
            start_new_session=True,
        )
        file.truncate(0)
        file.write(str(process.pid))
        file.flush()
        try:
            return process.wait()
        except BaseException:
            _end(process.pid)
            process.wait()
            raise


def _take(file: IO[str]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        group = file.read()
        if group.isdigit():
            _end(int(group))
        fcntl.flock(file, fcntl.LOCK_EX)


def _end(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
