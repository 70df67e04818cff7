"""A command that must have no other beside it."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL

import pytest

from interlock.local.alone import run_alone

WAITS = "import sys; print('at work', flush=True); sys.stdin.read()"
STARTER = """
import sys
from pathlib import Path
from interlock.local.alone import run_alone
run_alone([sys.executable, "-c", sys.argv[2]], Path(sys.argv[1]), {}, sys.stdout, Path(sys.argv[1]) / "lock")
"""


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs a command which does not end by itself."""
    command = [sys.executable, "-c", STARTER, str(tmp_path), WAITS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=DEVNULL, text=True) as process:
        assert process.stdout and process.stdout.readline() == "at work\n"
        yield process


def is_gone(starter: subprocess.Popen[str], seconds: float = 10) -> bool:
    """Whether nobody is left who could print: neither the starter nor its command."""
    assert starter.stdout
    return bool(select.select([starter.stdout], [], [], seconds)[0])


def test_exit_code_and_output_are_those_of_the_command(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+") as output:
        command = [sys.executable, "-c", "print('hello'); raise SystemExit(3)"]
        assert run_alone(command, tmp_path, {}, output, tmp_path / "lock") == 3
        output.seek(0)
        assert output.read() == "hello\n"


def test_command_of_a_killed_starter_is_ended_first(tmp_path: Path, starter: subprocess.Popen[str]) -> None:
    starter.kill()
    starter.wait()
    assert not is_gone(starter, seconds=0), "the command works on"
    with (tmp_path / "log").open("w") as output:
        assert run_alone([sys.executable, "-c", ""], tmp_path, {}, output, tmp_path / "lock") == 0
    assert is_gone(starter)


def test_interrupted_starter_leaves_no_command(starter: subprocess.Popen[str]) -> None:
    starter.send_signal(signal.SIGINT)
    assert starter.wait(timeout=30) != 0
    assert is_gone(starter)
