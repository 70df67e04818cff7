"""Stopping one run: its execution is ended at once, and the run becomes aborted, by whom and why."""

from typing import Annotated

from pydantic import StringConstraints

from interlock.aws import executions
from interlock.aws.runs import Runs
from interlock.contract.base import Document
from interlock.contract.failure import Conflict, GateError
from interlock.contract.run import Run


class StopRequest(Document):
    """The body of a stop."""

    reason: Annotated[str, StringConstraints(max_length=500)] = ""


def stop_run(runs: Runs, tenant: str, run: str, asked: StopRequest, by: str) -> Run:
    """End a run's execution; a step that is running goes on to its end, and nothing comes after it.

    Args:
        runs: the runs.
        tenant: whose run it is.
        run: its id.
        asked: why.
        by: who asks.

    Returns:
        The run as it was; it is aborted once Step Functions has told of the end.

    Raises:
        NotFound: the tenant has no such run.
        Conflict: it is over.
    """
    found = runs.find(tenant, run).run
    if found.status.over:
        raise Conflict(
            f"the run has {found.status.value}", where=run, code="run-over", next_step=f"interlock run explain {run}"
        )
    cause = f"stopped by {by}: {asked.reason}" if asked.reason else f"stopped by {by}"
    executions.stop(found.execution, GateError.ABORTED.value, cause)
    return found
