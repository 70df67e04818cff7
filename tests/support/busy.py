"""Bounds in seconds on a machine that is busy with other tests."""

import time
from collections.abc import Callable
from typing import TypeVar

TRIES = 5
"""Other work may let a call wait; a call without a bound is late each time."""
Answer = TypeVar("Answer")


def in_time(seconds: float, call: Callable[[], Answer]) -> Answer:
    """What a call answers that took less than so many seconds, the first such of a few.

    Raises:
        AssertionError: each of them took longer.
    """
    took: list[str] = []
    for _ in range(TRIES):
        began = time.monotonic()
        answer = call()
        if time.monotonic() - began < seconds:
            return answer
        took.append(f"{time.monotonic() - began:.2f} s")
    raise AssertionError(f"each of {TRIES} calls took longer than {seconds} s: {', '.join(took)}")
