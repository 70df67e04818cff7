"""What the functions of clocks do with a round: they end before their time does, and count what failed."""

from collections.abc import Callable
from typing import Any

from functions.tasks import more_time
from functions.telemetry import Metric, count
from interlock.contract.core.base import Json
from interlock.control.clocks import InTime, Round

RESERVE_MS = 30_000
"""What the last item may take, of the function's own time."""


def run_clock(context: Any, *rounds: Callable[[InTime], Round[Any]]) -> Json:
    """Make each round; what was seen, and what failed."""
    in_time = more_time(context, RESERVE_MS)
    results = [look(in_time) for look in rounds]
    failed = sum(len(result.failed) for result in results)
    if failed:
        count(Metric.CLOCK_FAULTS, failed)
    seen = sum(len(result.seen) for result in results)
    return {"seen": seen, "failed": failed, "ended": all(result.ended for result in results)}
