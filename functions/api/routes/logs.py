"""The route of a run's log."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api import contexts
from functions.api.parameters import Cursor, RunId, Since, TenantId
from functions.api.routing import route
from interlock.contract.log import LogPage
from interlock.control.inspection import logs

State = Annotated[str, Query(description="Only lines of this state.", examples=["Classify"])]


@route("GET", "/v1/tenants/<tenant>/runs/<run>/logs", "logs.list", action="readRuns", support="run")
def list_logs(tenant: TenantId, run: RunId, state: State = "", since: Since = "", cursor: Cursor = None) -> LogPage:
    """List the lines that the steps of a run printed and logged. A page may be short and not the last.

    The pages go through the run's functions one by one; within a function the lines are in the order of time. A line
    may arrive seconds after it was written: to follow a run, ask with a `since` that is a minute before the last line.
    """
    return logs.list_logs(contexts.recorded_steps(), tenant, run, logs.LogFilter(state, since), cursor)
