"""Whether anything can still change in what is recorded of a run, by its own item and its stored history."""

from datetime import UTC, datetime, timedelta

from interlock.aws.tables.runs import Runs
from interlock.contract.core import limits
from interlock.contract.core.base import moment
from interlock.control.inspection.history import stored_history

LATE = timedelta(seconds=limits.LAMBDA_TIMEOUT_SECONDS)
"""A step that ran on when its run was stopped writes its record so long after, at the latest."""


def settled_version(runs: Runs, tenant: str, run_id: str) -> str:
    """What tells one state of a settled run from the next; empty while the run, or a step of it, may go on.

    Raises:
        NotFound: the tenant has no such run.
    """
    stored = runs.find(tenant, run_id)
    run = stored.item
    if not run.status.over or run.unsettled or run.ended is None or run.ended > moment(datetime.now(UTC) - LATE):
        return ""
    history = stored_history(runs, run)
    return f"{stored.rev}#{history.key if history else ''}"
