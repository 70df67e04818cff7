"""The clock of approvals."""

from functools import cache
from typing import Any

from functions.telemetry import observed
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import Json, now
from interlock.contract.core.settings import ApproveSettings
from interlock.control.pauses.approvals import ApprovalContext, maintain_approvals


@cache
def desk() -> ApprovalContext:
    """What approvals work with, once in a process."""
    table = ApproveSettings.read().runs_table
    return ApprovalContext(approvals=Approvals(table), runs=Runs(table))


@observed
def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Look at what is due."""
    return {"seen": len(maintain_approvals(desk(), now()))}
