"""The clock of approvals."""

from typing import Any

from functions import contexts
from functions.clocks import run_clock
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json, now
from interlock.control.pauses.approvals import maintain_approvals
from interlock.control.pauses.pauses import maintain_pauses


@traced
@observed
def handler(_event: dict[str, Any], context: Any) -> Json:
    """Look at the approvals that are due, and at the pauses whose decision may not have been heard."""
    desk = contexts.approvals()
    return run_clock(
        context,
        lambda in_time: maintain_approvals(desk, now(), in_time),
        lambda in_time: maintain_pauses(desk.runs, now(), in_time),
    )
