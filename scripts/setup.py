"""Makes the project's environment: uv in a virtual environment of its own, then `uv sync` from the lock file.

Needs Python 3.11 or newer and nothing else: this module runs before anything is installed, so it imports the standard
library only.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".interlock" / "tools"
UV_REQUIREMENT = "uv>=0.9,<1"
MIN_PYTHON = (3, 11)
NOT_OURS = frozenset({"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE"})
"""Many images of containers set the last one; then each process compiles each library that it imports again."""


class SetupError(Exception):
    """The environment could not be made; the message says what to do."""


def uv() -> Path:
    """The path of uv, installed by pip into `.interlock/tools` where it is not there yet.

    Raises:
        SetupError: this Python is too old, or pip could not install uv.
    """
    if sys.version_info < MIN_PYTHON:
        raise SetupError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; set PYTHON to a newer one")
    program = TOOLS / "bin" / "uv"
    if program.exists():
        return program
    TOOLS.parent.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "venv", "--clear", str(TOOLS)], "install python3-venv, or use another Python")
    run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", UV_REQUIREMENT], "is the network up?")
    return program


def sync(groups: tuple[str, ...] = ("--all-extras",)) -> Path:
    """Bring `.venv` to what the lock file says.

    Args:
        groups: which extras and groups, in uv's words.

    Returns:
        Its Python.

    Raises:
        SetupError: uv could not install something.
    """
    program = uv()
    environment = environ() | {"UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv")}
    run(
        [str(program), "sync", "--quiet", *groups, "--frozen", "--python", sys.executable],
        "see what uv said above",
        environment,
    )
    return ROOT / ".venv" / "bin" / "python"


def environ() -> dict[str, str]:
    """This process's environment with the project's tools first on the path, and no other virtual environment."""
    rest = {key: value for key, value in os.environ.items() if key not in NOT_OURS}
    folders = [str(ROOT / ".venv" / "bin"), str(TOOLS / "bin"), rest.get("PATH", "")]
    # The repository's own place: what it runs neither reads nor writes the user's.
    own = {"INTERLOCK_HOME": rest.get("INTERLOCK_HOME") or str(ROOT / ".interlock")}
    return rest | own | {"PATH": os.pathsep.join(folders)}


def run(command: list[str], hint: str, environment: dict[str, str] | None = None) -> None:
    """Run a command that must succeed.

    Raises:
        SetupError: it failed; `hint` says what may help.
    """
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise SetupError(f"`{' '.join(command)}` failed with {done.returncode}: {hint}")
