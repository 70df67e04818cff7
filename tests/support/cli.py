"""The command line as a reader types it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock.cli.main import main

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from interlock.cli.main import main; main()"]
ONE_AT_A_TIME = threading.Lock()
"""A command of this process has its environment and its standard output for itself."""


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
    """Runs `interlock` as `main` does: its exit code and what it prints.

    In this process, because a new one costs half a second of a processor; `process` starts one, for what is about the
    process itself. Commands that take over signals or the standard input (`run debug`, `mcp`) always have their own.
    """

    home: Path

    def __call__(self, *arguments: str) -> Done:
        if arguments[:2] == ("run", "debug") or arguments[:1] == ("mcp",):
            return self.process(*arguments)
        out, err = io.StringIO(), io.StringIO()
        with ONE_AT_A_TIME, _environment(self.environment), _arguments(arguments):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = _code()
        return Done(code, out.getvalue(), err.getvalue())

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command."""
        path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        return os.environ | {"INTERLOCK_HOME": str(self.home), "PATH": path}

    def process(self, *arguments: str, stdin: str = "") -> Done:
        """Run a command in a process of its own."""
        command = [*COMMAND, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str) -> Any:
        """The JSON of a command that must work."""
        done = self(*arguments, "--json")
        assert done.code == 0, f"{arguments}: {done.out}{done.err}"
        return done.json


def _code() -> int:
    """The exit code of `main`."""
    try:
        main()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def _environment(wanted: dict[str, str]) -> Generator[None]:
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _arguments(fields: tuple[str, ...]) -> Generator[None]:
    """`sys.argv`, and a standard input that is no terminal and empty."""
    before = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["interlock", *fields], io.StringIO()
    try:
        yield
    finally:
        sys.argv, sys.stdin = before


Write = Callable[..., Path]
