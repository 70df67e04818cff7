"""The steps that `scripts/bench` measures: one works 200 ms, one does nothing, one fails."""

import time

from interlock import step

WORK_SECONDS = 0.2


@step
def work(value: dict[str, int]) -> dict[str, int]:
    """Take 200 ms, as a call of another system would."""
    end = time.monotonic() + WORK_SECONDS
    while (left := end - time.monotonic()) > 0:
        time.sleep(left)
    return value


@step
def nothing(value: dict[str, int]) -> dict[str, int]:
    """Answer at once."""
    return value


@step
def fails(value: dict[str, int]) -> dict[str, int]:
    """Divide by what is 0."""
    n = value["n"]
    return {"n": 1 // n}  # the line that fails
