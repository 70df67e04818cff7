"""The clock of approvals."""

from typing import Any

from functions import contexts
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json, now
from interlock.control.pauses.approvals import maintain_approvals


@traced
@observed
def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Look at what is due."""
    return {"seen": len(maintain_approvals(contexts.approvals(), now()))}
