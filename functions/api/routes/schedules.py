"""The route of a tenant's schedules."""

from functions.api import contexts
from functions.api.parameters import Cursor, Limit, TenantId
from functions.api.routing import route
from interlock.contract.schedule import ScheduleList
from interlock.control.events import schedules


@route("GET", "/v1/tenants/<tenant>/schedules", "schedules.list", action="readInstalls")
def list_schedules(tenant: TenantId, limit: Limit = schedules.PAGE, cursor: Cursor = None) -> ScheduleList:
    """List the schedules of a page of the tenant's installs, with their last times and their next ones."""
    limit = min(limit, schedules.PAGE)
    return schedules.list_schedules(contexts.registry(), contexts.runs(), tenant, limit, cursor)
