"""Routes of the audit log."""

from functions.api import contexts
from functions.api.parameters import DEFAULT_LIMIT, Cursor, Limit, PublisherId, TenantId
from functions.api.routing import route
from interlock.contract.audit import ChangePage
from interlock.control.access import audit


@route("GET", "/v1/audit", "platform_audit.list", action="readAudit")
def list_platform_changes(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> ChangePage:
    """List the changes of the platform, newest first."""
    return audit.changes(contexts.audit_log(), "platform", limit, cursor)


@route("GET", "/v1/publishers/<publisher>/audit", "publisher_audit.list", action="readAudit")
def list_publisher_changes(publisher: PublisherId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> ChangePage:
    """List the changes of a publisher and its apps, newest first."""
    return audit.changes(contexts.audit_log(), f"publisher/{publisher}", limit, cursor)


@route("GET", "/v1/tenants/<tenant>/audit", "tenant_audit.list", action="readAudit")
def list_tenant_changes(tenant: TenantId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> ChangePage:
    """List the changes of a tenant and its installs, newest first."""
    return audit.changes(contexts.audit_log(), f"tenant/{tenant}", limit, cursor)
