"""What the tasks of the platform's workflows share."""

import json
from collections.abc import Callable
from typing import Any

RESERVE_MS = 60_000
"""What a task leaves of its function's time: the longest batch is forty calls of DynamoDB, which may be throttled."""


def cause(error: dict[str, str]) -> str:
    """What a task said when it failed, without its stack: that is in the function's log."""
    try:
        return str(json.loads(error.get("Cause", ""))["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return error.get("Error", "a task failed")


def more_time(context: Any, reserve_ms: int = RESERVE_MS) -> Callable[[], bool]:
    """Asks whether a function that works in pages may begin another one: always where nothing ends it."""
    remaining: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
    return (lambda: True) if remaining is None else (lambda: remaining() > reserve_ms)
