"""Routes of approvals: those of a tenant, and those that the platform itself asks for."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import ApprovalId, Cursor, TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.approval import PLATFORM_SCOPE, Approval, ApprovalPage, ApprovalStatus, Verdict
from interlock.control.pauses import approvals

TENANT = "/v1/tenants/<tenant>/approvals"
PLATFORM = "/v1/approvals"
Status = Annotated[ApprovalStatus, Query(description="The status of the approvals.")]


@route("GET", TENANT, "approvals.list", action="readApprovals")
def list_approvals(tenant: TenantId, status: Status = ApprovalStatus.WAITING, cursor: Cursor = None) -> ApprovalPage:
    """List a tenant's approvals, newest first."""
    return approvals.list_approvals(contexts.approvals(), f"tenant/{tenant}", status, cursor)


@route("GET", f"{TENANT}/<approval>", "approvals.get", action="readApprovals")
def get_approval(tenant: TenantId, approval: ApprovalId) -> Approval:
    """Show one approval of a tenant."""
    return approvals.show_approval(contexts.approvals(), f"tenant/{tenant}", approval)


@route("POST", f"{TENANT}/<approval>", "approvals.decide", action="decideApprovals")
def decide_approval(
    tenant: TenantId, approval: ApprovalId, verdict: Annotated[Verdict, Body()], caller: CurrentCaller
) -> Approval:
    """Approve or reject, once. Only the approvers that it names may decide."""
    return approvals.decide(contexts.approvals(), f"tenant/{tenant}", approval, verdict, caller)


@route("GET", PLATFORM, "platform_approvals.list", action="readApprovals")
def list_platform_approvals(status: Status = ApprovalStatus.WAITING, cursor: Cursor = None) -> ApprovalPage:
    """List the approvals that the platform itself asks for, newest first."""
    return approvals.list_approvals(contexts.approvals(), PLATFORM_SCOPE, status, cursor)


@route("GET", f"{PLATFORM}/<approval>", "platform_approvals.get", action="readApprovals")
def get_platform_approval(approval: ApprovalId) -> Approval:
    """Show one approval that the platform itself asks for."""
    return approvals.show_approval(contexts.approvals(), PLATFORM_SCOPE, approval)


@route("POST", f"{PLATFORM}/<approval>", "platform_approvals.decide", action="decideApprovals")
def decide_platform_approval(
    approval: ApprovalId, verdict: Annotated[Verdict, Body()], caller: CurrentCaller
) -> Approval:
    """Approve or reject what the platform itself asks for, once. Only the approvers that it names may decide."""
    return approvals.decide(contexts.approvals(), PLATFORM_SCOPE, approval, verdict, caller)
