"""How the engine stops: what would begin waits, steps at work may end, what changed is saved, then the port closes.

An execution that waits to enter a state is as good as one that a crash cut: the next start runs it again, and what it
did is served. A step that is cut in its work is not, so it gets its time.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .report import Report

STEP_SECONDS = 120.0
"""How long steps at work may take to end (ADR 0031)."""
QUIET_SECONDS = 0.15
"""Nothing is at work when nothing was for so long: a step's answer is on its way to who called it."""
POLL_SECONDS = 0.05
RETRY_SECONDS = 0.5
EXIT_SECONDS = 4.0
"""How long answers that are on their way may take, when all is saved."""
HELD = threading.Event()
"""Set when nothing may begin any more."""


def hold() -> None:
    """Let a thread of the emulator that would begin something wait for the end of the process."""
    if HELD.is_set():
        threading.Event().wait()


class Stop:
    """The end of an engine."""

    def __init__(self, report: Report, save: Callable[[], str]) -> None:
        """Take where it is said, and what saves the changes, or says why it cannot."""
        self._report = report
        self._save = save

    async def requested(self) -> None:
        """Return when the process may end: it was told to, steps have ended, and what changed is saved."""
        ordered = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ordered.set)
        await ordered.wait()
        HELD.set()
        await self._steps(time.monotonic() + STEP_SECONDS)
        while reason := self._save():
            self._report.write("unsaved", what=reason, steps=0)
            await asyncio.sleep(RETRY_SECONDS)
        self._report.write("saved", what="", steps=0)
        # Threads that are held would keep the process from its end.
        last = threading.Timer(EXIT_SECONDS, os._exit, (0,))
        last.daemon = True
        last.start()

    async def _steps(self, deadline: float) -> None:
        quiet = time.monotonic()
        while time.monotonic() < deadline:
            steps = at_work()
            self._report.write("stopping", steps=steps)
            if steps:
                quiet = time.monotonic()
            elif time.monotonic() - quiet >= QUIET_SECONDS:
                return
            await asyncio.sleep(POLL_SECONDS)


def at_work() -> int:
    """How many functions are called now."""
    runtime: Any = sys.modules.get("ministack.core.lambda_runtime")
    return runtime.workers_in_use() if runtime is not None else 0
