"""The wheel as a partner has it: built, in an empty environment outside the repository, with an empty home."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.silent import TOOLS

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
OWN = ("INTERLOCK_", "XDG_", "VIRTUAL_ENV", "PYTHON")


@dataclass(frozen=True)
class Partner:
    """Somebody with an empty environment, an empty home and the wheel."""

    place: Path
    wheel: Path

    @property
    def python(self) -> Path:
        return self.place / "venv" / "bin" / "python"

    @property
    def environment(self) -> dict[str, str]:
        """Of the partner's shell: nothing of this repository, the cache of uv's downloads apart."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        path = [str(self.python.parent), "/usr/local/bin", "/usr/bin", "/bin"]
        cache = subprocess.run([UV, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
        return rest | {"HOME": str(self.place / "home"), "PATH": os.pathsep.join(path), "UV_CACHE_DIR": cache}

    def shell(self, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a command as it is typed; `pip` is uv's, which has downloaded before what the lock file names."""
        command = command.replace("pip install", f"{UV} pip install --quiet --python {self.python}")
        # Unpinned, the newest library of each day would be installed: the lock file says what was tried.
        command = command.replace("'interlock[", f"--constraint {self.place}/locked.txt '{self.wheel}[")
        return subprocess.run(
            ["bash", "-c", command], cwd=folder, env=self.environment, capture_output=True, text=True, check=False
        )


def build_wheel(place: Path) -> Path:
    """The repository's wheel."""
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", place, ROOT], check=True)
    (wheel,) = place.glob("*.whl")
    return wheel


def partner(place: Path, wheel: Path, *, tools: bool = False) -> Partner:
    """A partner below a folder; with the tools that the repository's platforms have, where `tools` says so."""
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, place / "venv"], check=True)
    (place / "work").mkdir()
    (place / "home").mkdir()
    export = ["export", "--quiet", "--frozen", "--all-extras", "--no-emit-project", "--no-hashes"]
    subprocess.run([UV, *export, "--output-file", place / "locked.txt"], cwd=ROOT, check=True, capture_output=True)
    if tools:
        data = place / "home" / ".local" / "share" / "interlock"
        data.mkdir(parents=True)
        for tool in ("venv", "xray-venv", "node"):
            if (TOOLS / tool).exists():
                (data / tool).symlink_to(TOOLS / tool)
    return Partner(place, wheel)


def remove(place: Path) -> None:
    """Free the space of an environment."""
    shutil.rmtree(place / "venv", ignore_errors=True)
