"""Routes of tenants: onboarding and offboarding."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import DEFAULT_LIMIT, Cursor, Limit, TenantId
from functions.api.routing import route
from interlock.contract.directory import TenantPage
from interlock.contract.registration import NewTenant, TenantRegistered
from interlock.contract.registry import Tenant
from interlock.control.tenants import offboard, registration

EXAMPLE = {"id": "acme", "title": "Acme"}


@route("POST", "/v1/tenants", "tenants.create", action="createTenant", status=202)
def create_tenant(
    new: Annotated[NewTenant, Body(examples=[EXAMPLE])],
) -> TenantRegistered:
    """Register a tenant, with a user and a client, and begin to onboard it. A request that was cut off is repeated."""
    return registration.register_tenant(contexts.identities(), contexts.settings().onboard_machine, new)


@route("GET", "/v1/tenants", "tenants.list", action="readPlatform")
def list_tenants(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> TenantPage:
    """List the tenants of the deployment, by id."""
    tenants, after = contexts.registry().tenants_page(limit, cursor)
    return TenantPage(tenants=tuple(tenants), cursor=after)


@route("GET", "/v1/tenants/<tenant>", "tenants.get", action="readTenant")
def get_tenant(tenant: TenantId) -> Tenant:
    """Show one tenant."""
    return contexts.registry().tenant(tenant)


@route("DELETE", "/v1/tenants/<tenant>", "tenants.delete", action="offboardTenant", scope="platform", status=202)
def delete_tenant(tenant: TenantId) -> Tenant:
    """Begin to offboard a tenant: its installs, its data and its identities are deleted."""
    return offboard.request_offboard(contexts.installs(), tenant)
