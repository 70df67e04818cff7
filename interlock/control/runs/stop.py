"""Stopping one run: its execution is ended at once, and the run becomes aborted, by whom and why."""

from interlock.aws.services import step_functions
from interlock.aws.tables.runs import Runs
from interlock.contract.core.failure import GateError
from interlock.contract.run import Run
from interlock.contract.run_request import StopRequest


def stop_run(runs: Runs, tenant: str, run: str, request: StopRequest, by: str) -> Run:
    """End a run's execution; a step that is running goes on to its end, and nothing comes after it.

    Args:
        runs: the runs.
        tenant: whose run it is.
        run: its id.
        request: why.
        by: who asks.

    Returns:
        The run; it is aborted once Step Functions has told of the end.

    Raises:
        NotFound: the tenant has no such run.
        Conflict: it is over.
    """
    cause = f"stopped by {by}: {request.reason}" if request.reason else f"stopped by {by}"

    def stopping(current: Run) -> Run:
        return current.model_copy(update={"stop": cause})

    # Written first: what Step Functions tells of an aborted execution need not say why.
    current = runs.change_in_flight(tenant, run, stopping, f"interlock run show {run}")
    step_functions.stop(current.execution, GateError.ABORTED.value, cause)
    return current
