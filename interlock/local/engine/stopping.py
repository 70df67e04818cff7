"""Stop the embedded engine, or wait for the end of one that somebody else stops.

The engine says in `report.json` what it does: it lets steps end, it saves, or it cannot save.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interlock.local.engine.failure import EngineNotRunning, EngineNotSaved, EngineWillNotStop, StateDamaged
from interlock.local.engine.record import ProcessMark, Record, read_record, runs, write_record

STOP_SECONDS = 180.0
"""How long a stop may take: the time of the steps at work (120 s, journal/stop.py), and to save."""
ANSWER_SECONDS = 10.0
"""How long `up` waits for an engine that runs, does not answer and does not say that it stops."""
UNSAVED_SECONDS = 2.0
"""How long an engine may say that it cannot save before somebody is told."""
_POLL_SECONDS = 0.02
_STOPPING = ("stopping", "unsaved", "saved")
Say = Callable[[str], None]


def stop_engine(state_dir: Path, deadline_s: float = STOP_SECONDS, say: Say = lambda _: None) -> None:
    """Stop the engine: steps at work end, and what changed is saved.

    Args:
        state_dir: The directory it was started with.
        deadline_s: How long it may take.
        say: Who is told what is waited for.

    Raises:
        EngineNotRunning: When there is nothing to stop.
        EngineNotSaved: When it cannot save; it stays, and saves when it can.
        EngineWillNotStop: When it is still there after the deadline; it is left alone then.
    """
    state_dir = state_dir.resolve()
    record = read_record(state_dir)
    if record is None or record.engine is None or not runs(record.engine):
        if record is not None:
            end(record.xray, 0)
            write_record(state_dir, record.stopped())
        raise EngineNotRunning("engine", f"no engine runs for {state_dir}", "interlock up")
    os.kill(record.engine.pid, signal.SIGTERM)
    _await_end(state_dir, record.engine, deadline_s, say)
    end(record.xray, 0)
    write_record(state_dir, record.stopped())
    if read_report(state_dir).get("state") != "saved":
        raise EngineNotSaved(
            "engine",
            f"process {record.engine.pid} ended before it had saved all",
            f"Read {state_dir / 'engine.log'}, then `interlock up`: it says what is there",
        )


def end_of_engine(state_dir: Path, record: Record, say: Say) -> None:
    """Wait for the end of an engine that was told to stop.

    Raises:
        EngineNotSaved: When it cannot save.
        EngineWillNotStop: When it does not answer, and was not told to stop; or is still there after its time.
    """
    mark = record.engine
    if mark is None:
        return
    deadline = time.monotonic() + ANSWER_SECONDS
    while runs(mark) and not is_stopping(state_dir):
        if time.monotonic() > deadline:
            raise EngineWillNotStop(
                "engine",
                f"process {mark.pid} runs and does not answer",
                f"Read {state_dir / 'engine.log'}; `kill -9 {mark.pid}` and `interlock up`: nothing saved is lost",
            )
        threading.Event().wait(_POLL_SECONDS)
    say("Wait for the engine to stop")
    _await_end(state_dir, mark, STOP_SECONDS, say)


def is_stopping(state_dir: Path) -> bool:
    """Whether the engine was told to stop."""
    return read_report(state_dir).get("state") in _STOPPING


def read_report(state_dir: Path) -> dict[str, Any]:
    """What the engine says of itself; empty where it says nothing."""
    try:
        return dict(json.loads((state_dir / "report.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def forget_report(state_dir: Path) -> None:
    """Forget what an earlier engine said."""
    (state_dir / "report.json").unlink(missing_ok=True)


def raise_damaged(state_dir: Path) -> None:
    """Raise what an engine said that could not start because of its saved state.

    Raises:
        StateDamaged: It said so.
    """
    report = read_report(state_dir)
    if report.get("state") == "failed":
        raise StateDamaged("engine", str(report["what"]), str(report["next_step"]))


def _await_end(state_dir: Path, mark: ProcessMark, deadline_s: float, say: Say) -> None:
    began = time.monotonic()
    unsaved = 0.0
    said = ""
    while runs(mark):
        report = read_report(state_dir)
        now = time.monotonic()
        unsaved = (unsaved or now) if report.get("state") == "unsaved" else 0.0
        if unsaved and now - unsaved > UNSAVED_SECONDS:
            raise EngineNotSaved(
                "engine",
                f"it cannot save its state in {state_dir}: {report.get('what')}; it keeps it in memory",
                "Free some space there: the engine saves and stops then. `interlock down` waits for it",
            )
        if now - began > deadline_s:
            raise EngineWillNotStop(
                "engine",
                f"process {mark.pid} is still there after {deadline_s:g} s",
                f"Read {state_dir / 'engine.log'}; `kill -9 {mark.pid}` ends it, and nothing saved is lost",
            )
        text = _text(report)
        if text != said:
            said = text
            say(text)
        threading.Event().wait(_POLL_SECONDS)


def _text(report: dict[str, Any]) -> str:
    steps = int(report.get("steps", 0)) if report.get("state") == "stopping" else 0
    return f"Wait for {steps} calls of functions to end" if steps else "Save the state"


def end(mark: ProcessMark | None, grace_s: float) -> bool:
    """End a process we started: politely within the grace, or at once when there is none."""
    if mark is None or not runs(mark):
        return True
    try:
        os.kill(mark.pid, signal.SIGTERM if grace_s else signal.SIGKILL)
    except ProcessLookupError:
        return True
    deadline = time.monotonic() + (grace_s or 5.0)
    while runs(mark):
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(_POLL_SECONDS)
    return True
