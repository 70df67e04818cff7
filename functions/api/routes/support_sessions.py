"""Routes of support sessions: a tenant lets the publisher of an app see its runs of it for a while."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import AppName, Cursor, Limit, PublisherId, TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.support import SupportRequest, SupportSession, SupportSessionList
from interlock.control.access import support

SESSIONS = "/v1/tenants/<tenant>/support"
SESSION = f"{SESSIONS}/<publisher>/<name>"
EXAMPLE = {"app": "acme/pii-tagger", "minutes": 60, "reason": "ticket 4711"}


@route("POST", SESSIONS, "support_sessions.open", action="setSupport", status=201)
def open_support_session(
    tenant: TenantId, request: Annotated[SupportRequest, Body(examples=[EXAMPLE])], caller: CurrentCaller
) -> SupportSession:
    """Open a support session for the publisher of an installed app.

    Until it ends, members of the publisher read the tenant's runs of the app, with inputs, outputs and logs, and
    breakpoints on its versions stop them. Each read is in the tenant's audit log. An open session gets another end.
    """
    return support.open_support(contexts.registry(), tenant, request, caller.principal)


@route("GET", SESSIONS, "support_sessions.list", action="readSupport")
def list_support_sessions(tenant: TenantId, limit: Limit = support.PAGE, cursor: Cursor = None) -> SupportSessionList:
    """List the support sessions that a tenant has open. A page may be short and not the last."""
    return support.sessions_of_tenant(contexts.registry(), tenant, limit, cursor)


@route("DELETE", SESSION, "support_sessions.close", action="setSupport")
def close_support_session(tenant: TenantId, publisher: PublisherId, name: AppName) -> SupportSession:
    """Close a support session: the publisher is refused from the next call on."""
    return support.close_support(contexts.registry(), tenant, f"{publisher}/{name}")


@route("GET", "/v1/publishers/<publisher>/support", "publisher_support_sessions.list", action="readSupport")
def list_publisher_support_sessions(
    publisher: PublisherId, limit: Limit = support.PAGE, cursor: Cursor = None
) -> SupportSessionList:
    """List the support sessions that tenants have open for a publisher's apps. A page may be short and not the last."""
    return support.sessions_of_publisher(contexts.registry(), publisher, limit, cursor)
