"""Waiting for the platform: ask until it is so, with growing pauses, up to a limit."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from interlock.contract.core.failure import Unavailable

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
Found = TypeVar("Found")


def until(ask: Callable[[], Found | None], *, seconds: float, what: str, next_step: str) -> Found:
    """The first answer that is not None.

    Raises:
        Unavailable: none within `seconds`.
    """
    end = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while True:
        found = ask()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise Unavailable(f"{what}: not within {seconds:.0f} s", code="timed-out", next_step=next_step)
        threading.Event().wait(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
