"""Routes of quotas."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import InstallId, TenantId
from functions.api.routing import route
from interlock.contract.quota import QuotaReport, Quotas
from interlock.contract.registry import Install, Tenant
from interlock.control.usage import quotas

NewQuotas = Annotated[Quotas, Body(examples=[{"concurrent_runs": 50}])]


@route("GET", "/v1/tenants/<tenant>/quotas", "quotas.get", action="readUsage")
def get_quotas(tenant: TenantId) -> QuotaReport:
    """Show the quotas of a tenant and of its installs, and how much of each is in use."""
    return quotas.show_quotas(contexts.registry(), contexts.settings().runs_table, tenant)


@route("PUT", "/v1/tenants/<tenant>/quotas", "quotas.set_tenant", action="setQuotas", scope="platform")
def set_tenant_quotas(tenant: TenantId, wanted: NewQuotas) -> Tenant:
    """Set a tenant's quotas; for operators."""
    return quotas.set_tenant_quotas(contexts.registry(), tenant, wanted)


@route("PUT", "/v1/tenants/<tenant>/installs/<install>/quotas", "quotas.set_install", action="install")
def set_install_quotas(tenant: TenantId, install: InstallId, wanted: NewQuotas) -> Install:
    """Set an install's quotas."""
    return quotas.set_install_quotas(contexts.registry(), tenant, install, wanted)
