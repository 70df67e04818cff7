"""Runs every few minutes."""

from typing import Any

from functions import contexts
from functions.clocks import run_clock
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json
from interlock.control.runs.sweep import sweep_runs


@traced
@observed
def handler(_event: dict[str, Any], context: Any) -> Json:
    """Finish what ended unseen."""
    return run_clock(context, lambda in_time: sweep_runs(contexts.finish(), in_time))
