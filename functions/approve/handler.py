"""The callback state of the platform's own workflows calls it with the task token: people are asked."""

from functools import cache
from typing import Any

from functions.telemetry import observed
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.runs import Runs
from interlock.contract.approval import AskRequest
from interlock.contract.core.settings import ApproveSettings
from interlock.control.pauses.approvals import ApprovalContext, ask


@cache
def desk() -> ApprovalContext:
    """What approvals work with, once in a process."""
    table = ApproveSettings.read().runs_table
    return ApprovalContext(approvals=Approvals(table), runs=Runs(table))


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Ask, and keep the token with the question."""
    return {"approval": ask(desk(), AskRequest.model_validate(event)).id}
