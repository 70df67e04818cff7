"""The callback state of the platform's own workflows calls it with the task token: people are asked."""

from typing import Any

from functions import contexts
from functions.telemetry import observed
from interlock.contract.approval import AskRequest
from interlock.control.pauses.approvals import ask


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Ask, and keep the token with the question."""
    return {"approval": ask(contexts.approvals(), AskRequest.model_validate(event)).id}
