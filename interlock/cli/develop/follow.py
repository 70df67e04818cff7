"""Follows the runs of development versions: their starts, steps, logs and ends, and why one failed."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from interlock.cli.runs.logs import Tail, print_lines, read_lines
from interlock.cli.terminal import render
from interlock.contract.core.failure import Failure

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.run import Run

LOOK_SECONDS = 0.5
LATEST = 20
"""So many runs are looked at each time, the newest ones."""


class Output:
    """Prints what happens: lines for people, or one JSON object a line; the two threads never mix their lines."""

    def __init__(self, *, machine: bool) -> None:
        """Print nothing yet."""
        self.machine = machine
        self._lock = threading.RLock()

    def event(self, name: str, text: str, style: str = "", **fields: Any) -> None:
        """Print an event; `text` is for people, empty for none."""
        with self._lock:
            if self.machine:
                render.json_text(json.dumps({"event": name} | fields, default=str))
            elif text:
                render.line(text, style)


@dataclass
class Follower:
    """Looks at an app's runs until it is stopped."""

    client: Client
    tenant: str
    output: Output
    app: str = ""
    versions: set[str] = field(default_factory=set[str])
    """Of the pushes; runs of others are not followed."""
    _over: set[str] = field(default_factory=set[str], init=False)
    _tails: dict[str, Tail] = field(default_factory=dict[str, Tail], init=False)
    _stop: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> None:
        """Look again and again; a platform that does not answer is asked again."""
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except Failure as error:
                self.output.event("unavailable", f"The runs can't be read: {error.what}", "yellow", detail=error.what)

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def look(self) -> None:
        """Print what is new."""
        if not self.app:
            return
        rows = self.client.runs.list(self.tenant, app=self.app, limit=LATEST).runs
        for run in reversed(rows):
            if run.version in self.versions and run.id not in self._over:
                self._follow(run)

    def _follow(self, run: Run) -> None:
        if run.id not in self._tails:
            self._tails[run.id] = Tail()
            text = f"▶ {run.id}  {run.workflow}  {run.trigger}"
            self.output.event("run", text, "cyan", run=run.id, workflow=run.workflow, version=run.version)
        tail = self._tails[run.id]
        lines = tail.fresh(read_lines(self.client, self.tenant, run.id, "", tail.since(over=run.status.over)))
        if self.output.machine:
            for line in lines:
                self.output.event("log", "", run=run.id, line=line.model_dump(mode="json"))
        else:
            print_lines(lines)
        if run.status.over:
            self._over.add(run.id)
            self._end(run)

    def _end(self, run: Run) -> None:
        fields: dict[str, Any] = {"run": run.id, "status": run.status.value}
        if run.status.value != "failed":
            word = "✔" if run.status.value == "succeeded" else "■"
            style = render.STYLES.get(run.status.value, "")
            value = run.output.value if run.output else None
            text = f"{word} {run.id}  {run.status.value}  {render.short(value, 200)}"
            self.output.event("end", text, style, **fields, output=value)
            return
        view = self.client.runs.explain(self.tenant, run.id)
        command = f"interlock run debug {run.id}"
        fields |= {"explanation": view.explanation.model_dump(mode="json"), "debug": command}
        self.output.event("end", f"✘ {view.text}\n\nDebug it: {command}", style="", **fields)
