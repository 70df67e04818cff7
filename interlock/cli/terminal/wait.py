"""Waits for the platform: asks again with growing pauses, up to a limit."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from interlock.contract.core.failure import Unavailable

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
WATCH_SECONDS = 3600
"""How long a run is followed to its end."""
Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer | None], *, seconds: float, what: str, next_step: str) -> Answer:
    """The first answer that is not None.

    Args:
        ask: asks once.
        seconds: how long to ask.
        what: what is awaited, as the subject of a sentence.
        next_step: what helps where it does not come.

    Raises:
        Unavailable: there was none within `seconds`.
    """
    end = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while True:
        answer = ask()
        if answer is not None:
            return answer
        if time.monotonic() > end:
            what = f"{what} did not come within {seconds:.0f} s"
            raise Unavailable(what, code="timed-out", next_step=next_step)
        threading.Event().wait(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
