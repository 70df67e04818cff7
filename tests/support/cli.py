"""The command line as a reader types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> dict[str, Any]:
        """The problem that `--json` printed on stderr, on its last line."""
        return json.loads(self.err.strip().splitlines()[-1])


@dataclass(frozen=True)
class Cli:
    """Runs `interlock` in a process of its own."""

    home: Path

    def __call__(self, *words: str) -> Done:
        environment = os.environ | {
            "INTERLOCK_HOME": str(self.home),
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        }
        command = [sys.executable, "-c", "from interlock.cli.main import main; main()", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *words: str) -> Any:
        """The JSON of a command that must work."""
        done = self(*words, "--json")
        assert done.code == 0, f"{words}: {done.out}{done.err}"
        return done.json


Write = Callable[..., Path]
