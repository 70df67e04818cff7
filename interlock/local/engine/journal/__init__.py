"""The journal of the embedded engine: what is acknowledged is on the disk, at any moment (ADR 0031).

The emulator saves its state at a graceful stop only. The corrected one calls this package: at its start, where it
changes a store, after a request, and at its end.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .blobs import Blobs, hook, write_synced
from .changes import State, key_text
from .cut import cut_executions, settle_stacks
from .log import SYNC_SECONDS, Log, read
from .report import Report
from .requests import asks_for_stack, changed_by
from .stacks import Look, Stacks
from .stop import Stop, hold
from .watch import Watch
from .writes import STREAMS, TRIMMED, Writes, executions_of, positions_of, queues_of

Raw = dict[str, Any]
COMPACT_BYTES = 8 * 1024 * 1024
"""A journal of this size and of the size of the snapshots is put into them, when the engine starts (ADR 0031)."""
STACKS_SECONDS = 0.5
"""How often everything is looked at while a stack changes, at the most."""
STACKS_PAUSE = 5
"""After such a look, the next one waits so many times as long as it took."""


class Journal:
    """The journal of one engine."""

    def __init__(self, directory: Path, report: Report, *, silent: bool = False) -> None:
        """Take the directory of the saved state."""
        directory.mkdir(parents=True, exist_ok=True)
        self.report = report
        self._directory = directory
        self._path = directory / "changes.journal"
        self._log = Log(self._path, silent=silent)
        self._silent = silent
        self._blobs = Blobs(directory / "blobs")
        self.writes = Writes(self._log.append, self.text)
        self._watch: Watch | None = None
        self._state: State | None = None
        self._since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
        self._stacks = Stacks(_changing_stacks)
        self._stacks_due = 0.0
        self._closed = threading.Event()

    @property
    def failure(self) -> str:
        """Why changes cannot be saved now; empty where they can."""
        return self._log.failure

    def text(self, value: Any) -> str:
        """The JSON text of a value of the emulator."""
        return self._blobs.text(value, self._persistence()._json_default)

    def state(self, service: str) -> Raw | None:
        """The state of a service: its snapshot with the changes since.

        Raises:
            SystemExit: a file is damaged; the report says which, and what to do.
        """
        if self._state is None:
            self._state = self._replayed()
        return self._state.service(service)

    def begin(self, states: dict[str, str]) -> None:
        """All services have their state: write changes from now on."""
        self._state = None
        try:
            self._restore_streams()
            if self._silent:
                return
            self._watch = Watch(states, self.text)
            self._watch.changes(self._watch.services())
            self._settle(self._watch)
        except Exception as error:
            # An engine that goes on without would lose what it acknowledges from now on.
            self.report.fail(f"the journal {self._path} cannot be written: {error!r}", "Read engine.log next to it")
        threading.Thread(target=self._run, name="interlock-journal", daemon=True).start()

    def _settle(self, watch: Watch) -> None:
        machines: Any = sys.modules.get("ministack.services.stepfunctions")
        if machines is not None:
            for key, execution in cut_executions(machines._executions, self._since):
                self.writes.execution(key_text(key), execution)
        stacks = getattr(sys.modules.get("ministack.services.cloudformation"), "_stacks", None)
        if stacks is not None and settle_stacks(stacks):
            self._look(watch, ["cloudformation"])

    def after(self, request: tuple[str, str, Raw, bytes]) -> None:
        """A request was served: write what it changed of a configuration, before its caller gets the answer."""
        service = changed_by(*request)
        watch = self._watch
        if not service or watch is None:
            return
        if service == "cloudformation":
            look = self._stacks.begin(requested=asks_for_stack(request[3]))
            if look.urgent:
                self._look_at_stacks(watch, look)
        elif service in watch.services():
            self._look(watch, [service])

    def cannot_restore(self, service: str) -> None:
        """The emulator does not understand a service's state: do not begin without it."""
        self.report.fail(
            f"the saved state of {service} in {self._directory} cannot be restored",
            f"Read engine.log next to it, and restore {self._directory} from a copy",
        )

    def refusal(self) -> bytes:
        """The answer while changes cannot be saved."""
        what = f"The local platform cannot save changes in {self._directory}: {self.failure}. Free some space there"
        return json.dumps({"__type": "ServiceUnavailable", "message": what}).encode()

    def end(self) -> None:
        """The port is closed: write what came last."""
        if not self.close():
            self.report.write("saved", what="")

    def close(self) -> str:
        """Write what is left; why something could not be written."""
        self._closed.set()
        if self._watch is not None:
            self._look(self._watch, self._watch.services())
        self._log.append(self.writes.histories())
        self._log.sync()
        return self._log.failure

    def _look_at_stacks(self, watch: Watch, look: Look) -> None:
        if look.needed:
            self._look(watch, watch.services())
            self._stacks.end(look)

    def _look(self, watch: Watch, services: list[str]) -> None:
        with watch.lock:
            self._log.append(watch.changes(services))

    def _run(self) -> None:
        watch = self._watch
        while watch is not None and not self._closed.wait(SYNC_SECONDS):
            try:
                self._log.append(self.writes.histories())
                look = self._stacks.begin()
                if look.needed and (look.urgent or time.monotonic() > self._stacks_due):
                    begun = time.monotonic()
                    self._look_at_stacks(watch, look)
                    now = time.monotonic()
                    self._stacks_due = now + max(STACKS_SECONDS, STACKS_PAUSE * (now - begun))
                self._look(watch, watch.due())
                self._log.sync()
            except Exception as error:
                sys.stderr.write(f"journal: {error!r}\n")

    def _persistence(self) -> Any:
        return sys.modules["ministack.core.persistence"]

    def _replayed(self) -> State:
        persistence = self._persistence()
        persistence._json_object_hook = hook(self._blobs, persistence._json_object_hook)
        responses = sys.modules["ministack.core.responses"]
        kinds = {2: responses.AccountScopedDict, 3: responses.AccountRegionScopedDict}
        state = State(self._snapshot, lambda length: kinds[length]())
        reading = read(self._path)
        for number, text in enumerate(reading.texts, start=1):
            try:
                for change in json.loads(text, object_hook=persistence._json_object_hook):
                    state.apply(change)
            except (ValueError, KeyError, TypeError, OSError) as error:
                self.report.fail(
                    f"change {number} of {self._path} cannot be put back: {error!r}",
                    f"Restore {self._directory} from a copy",
                )
        if reading.damaged:
            self.report.fail(
                f"{reading.damaged} changes of {self._path} are damaged, and later ones are not",
                f"Restore {self._directory} from a copy",
            )
        torn = self._log.size - reading.end
        self._log.cut(reading.end)
        state.finish()
        # Before a service gets its state: some of them put objects into it that are no JSON.
        if self._log.size > max(COMPACT_BYTES, self._snapshot_bytes()):
            self._compact(state)
        self.report.write("running", changes=len(reading.texts), torn=torn)
        return state

    def _snapshot(self, service: str) -> Raw | None:
        path = self._directory / f"{service}.json"
        try:
            loaded = self._persistence().load_state(service)
        except (ValueError, OSError, KeyError, TypeError):
            loaded = None
        if loaded is None and path.exists():
            self.report.fail(f"the saved state {path} is damaged", f"Restore {self._directory} from a copy")
        return loaded

    def _snapshot_bytes(self) -> int:
        return sum(file.stat().st_size for file in self._directory.glob("*.json"))

    def _compact(self, state: State) -> None:
        persistence = self._persistence()
        try:
            for service in sorted(state.changed):
                payload = state.service(service)
                whole = {"__ministack_format__": persistence._state_format_version(service), "payload": payload}
                write_synced(self._directory / f"{service}.json", self.text(whole).encode())
            self._log.cut(0)
            self._blobs.forget_others(self._directory)
        except OSError as error:
            # The journal stays as it is: nothing is lost, and the next start tries again.
            sys.stderr.write(f"journal: the snapshots could not be written: {error}\n")

    def _restore_streams(self) -> None:
        tables = sys.modules.get("ministack.services.dynamodb")
        if tables is not None:
            self.writes.begin_streams(tables, sys.modules.get("ministack.services.lambda_svc"))


def _changing_stacks() -> frozenset[str]:
    module = sys.modules.get("ministack.services.cloudformation")
    stacks = getattr(module, "_stacks", None)
    if stacks is None:
        return frozenset()
    entries = list(stacks._data.items())
    return frozenset(key_text(k) for k, one in entries if str(one.get("StackStatus", "")).endswith("_IN_PROGRESS"))


def dynamodb_state(data: Raw) -> None:
    """Put the records of the streams back, and how many are gone."""
    tables = sys.modules["ministack.services.dynamodb"]
    for store, name in ((STREAMS, "_stream_records"), (TRIMMED, "_stream_trimmed")):
        held = data.get(store)
        if held is not None:
            getattr(tables, name)._data.update(held._data)


def open_journal(report: Report, *, keeps: bool, silent: bool) -> None:
    """Make the journal of this process, and its end.

    Args:
        report: where the engine says how it is.
        keeps: whether there is a journal; the emulator saves its state itself otherwise.
        silent: whether the journal is only read, to measure what it costs to write it.
    """
    module = vars(sys.modules[__name__])
    if keeps:
        module["journal"] = Journal(Path(os.environ["STATE_DIR"]), report, silent=silent)
    module["stop"] = Stop(report, module["journal"].close if keeps else str)


__all__ = ["Journal", "Report", "dynamodb_state", "executions_of", "hold", "open_journal", "positions_of", "queues_of"]
