"""What the command line says where its home cannot be used: one message with the next step, and no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEM = "/sys/interlock"
"""Nobody may make a folder there, not even root."""


def interlock(home: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with a home."""
    environment = os.environ | {"INTERLOCK_HOME": home}
    command = [str(Path(sys.executable).with_name("interlock")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.skipif(not Path("/sys").is_dir(), reason="a folder that nobody may write")
def test_a_home_that_cannot_be_written_is_named() -> None:
    done = interlock(SYSTEM, "up")
    assert done.returncode == 1, done.stderr
    assert SYSTEM in done.stderr and "set INTERLOCK_HOME (--home DIR) to a folder that you may write" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_half_written_record_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "platform.json").write_text('{"stamp": "half')
    done = interlock(str(tmp_path), "up")
    text = done.stdout + done.stderr
    assert done.returncode == 1, text
    assert "platform.json cannot be read" in text and "Traceback" not in text
    assert not (tmp_path / "engine").exists()


def test_half_written_profiles_are_named(tmp_path: Path) -> None:
    (tmp_path / "profiles.json").write_text('{"profiles": {"a')
    done = interlock(str(tmp_path), "whoami")
    text = done.stdout + done.stderr
    assert done.returncode == 1, text
    assert "profiles.json" in text and "Traceback" not in text


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    done = _patched(tmp_path, "from pathlib import Path; Path(os.environ['INTERLOCK_HOME'], 'f').write_text('more')")
    assert done.returncode == 1, done.stderr
    assert "the disk is full" in done.stderr and "Free some space" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_says_what_is_next(tmp_path: Path) -> None:
    done = _patched(tmp_path, "os.kill(os.getpid(), signal.SIGINT); threading.Event().wait(5)")
    assert done.returncode == 128 + signal.SIGINT, done.stderr
    assert "Interrupted. What the platform acknowledged stays. Next: interlock status" in done.stderr
    assert "Traceback" not in done.stderr


def _patched(home: Path, body: str) -> subprocess.CompletedProcess[str]:
    """`interlock status` where looking at the platform does something else, and no file may have a byte."""
    code = f"""
import os, resource, signal, sys, threading
from interlock.cli.main import main
from interlock.local import platform

def status():
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    {body}

platform.status = status
sys.argv = ["interlock", "status"]
main()
"""
    environment = os.environ | {"INTERLOCK_HOME": str(home)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
