"""Routes of usage and budgets."""

from datetime import UTC, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import AppName, Day, GroupAppBy, GroupBy, PublisherId, TenantId
from functions.api.routing import route
from interlock.contract.usage import Budget, UsageReport, as_csv
from interlock.control.usage import report

CSV = "text/csv"
USAGE = "/v1/tenants/<tenant>/usage"
BUDGET = "/v1/tenants/<tenant>/budget"


@route("GET", USAGE, "usage.get_tenant", action="readUsage")
def get_tenant_usage(tenant: TenantId, by: GroupBy = "app", since: Day = None, until: Day = None) -> UsageReport:
    """Show what a tenant used in a span of days; in this month by default."""
    return report.tenant_usage(contexts.usages(), tenant, *_days(since, until), by)


@route("GET", f"{USAGE}:csv", "usage.export_tenant", action="readUsage", content={CSV: {"schema": {"type": "string"}}})
def export_tenant_usage(tenant: TenantId, by: GroupBy = "app", since: Day = None, until: Day = None) -> Response[str]:
    """Write what a tenant used in a span of days as CSV."""
    usage = report.tenant_usage(contexts.usages(), tenant, *_days(since, until), by)
    return Response(status_code=200, content_type=CSV, body=as_csv(usage))


@route("GET", "/v1/publishers/<publisher>/apps/<name>/usage", "usage.get_app", action="readPublisher")
def get_app_usage(
    publisher: PublisherId, name: AppName, by: GroupAppBy = "version", since: Day = None, until: Day = None
) -> UsageReport:
    """Show what all tenants together used of an app in a span of days; in this month by default."""
    return report.app_usage(contexts.usages(), f"{publisher}/{name}", *_days(since, until), by)


@route("GET", BUDGET, "budgets.get", action="readUsage")
def get_budget(tenant: TenantId) -> Budget:
    """Show a tenant's budget."""
    return report.read_budget(contexts.usages(), tenant)


@route("PUT", BUDGET, "budgets.set", action="setBudget")
def set_budget(tenant: TenantId, budget: Annotated[Budget, Body(examples=[{"dollars": 100}])]) -> Budget:
    """Set a tenant's monthly budget."""
    fresh = budget.model_copy(update={"notified": {}})
    contexts.usages().write_budget(contexts.registry().tenant(tenant).id, fresh)
    return fresh


@route("DELETE", BUDGET, "budgets.delete", action="setBudget")
def delete_budget(tenant: TenantId) -> Budget:
    """Remove a tenant's budget."""
    budget = report.read_budget(contexts.usages(), tenant)
    contexts.usages().write_budget(tenant, None)
    return budget


def _days(since: str | None, until: str | None) -> tuple[str, str]:
    today = datetime.now(UTC).date()
    return since or today.replace(day=1).isoformat(), until or today.isoformat()
