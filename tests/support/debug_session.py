"""`interlock run debug` as an editor meets it, on an app whose steps fail in many ways."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.cli import COMMAND, ROOT, Cli
from tests.support.dap import Dap

HERE = Path(__file__).parent


@dataclass
class Session:
    """A running `interlock run debug --json`."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def root(self) -> Path:
        return Path(self.ready["root"])

    def end(self) -> dict[str, Any]:
        """The last line, once the command has ended."""
        assert self.process.stdout is not None
        result = json.loads(self.process.stdout.readline())
        assert self.process.wait(30) == 0
        return result


@dataclass(frozen=True)
class Shop:
    """The app `acme/faults`, installed, and its runs."""

    cli: Cli

    def run(self, workflow: str, value: Any, app: str = "acme/faults") -> str:
        """Run a workflow to its end; the run's id."""
        done = self.cli("run", "start", app, "--workflow", workflow, "--input", json.dumps(value), "--wait", "--json")
        return str(done.json["id"])

    @contextlib.contextmanager
    def debug(self, run: str, *arguments: str, home: Path | None = None, cwd: Path = ROOT) -> Generator[Session]:
        """The debugger of a run, listening."""
        environment = self.cli.environment | ({"INTERLOCK_HOME": str(home)} if home else {})
        more = () if any(word.endswith("editor") for word in arguments) else ("--no-editor",)
        command = [*COMMAND, "run", "debug", run, "--json", *more, *arguments]
        with subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line, f"refused with {process.wait()}"
                yield Session(process, json.loads(line))
            finally:
                process.terminate()


@contextlib.contextmanager
def attached(session: Session) -> Generator[Dap]:
    """A client that is configured, with no breakpoints of its own."""
    with Dap(session.ready["port"]) as dap:
        dap.attach()
        yield dap
