"""Runs every few minutes."""

from typing import Any

from functions import contexts
from functions.telemetry import observed
from functions.tracing import traced
from interlock.control.runs.sweep import sweep_runs


@traced
@observed
def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Finish what ended unseen."""
    return {"finished": sweep_runs(contexts.finish())}
