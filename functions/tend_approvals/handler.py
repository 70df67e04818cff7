"""The clock of approvals."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from interlock.aws.approvals import Approvals
from interlock.aws.runs import Runs
from interlock.contract.base import Json, moment
from interlock.contract.settings import ApproveSettings
from interlock.control.approvals import Desk, tend_approvals


@cache
def desk() -> Desk:
    """What approvals work with, once in a process."""
    table = ApproveSettings.read().runs_table
    return Desk(approvals=Approvals(table), runs=Runs(table))


def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Look at what is due."""
    return {"seen": len(tend_approvals(desk(), moment(datetime.now(UTC))))}
