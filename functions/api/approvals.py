"""Routes of approvals: a tenant's, and the platform's own."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, one_of, runs, settings, word
from interlock.aws.tables.approvals import Approvals
from interlock.contract.approval import PLATFORM_SCOPE, ApprovalStatus, Verdict
from interlock.control.pauses.approvals import Desk, decide, list_approvals, show_approval


def desk() -> Desk:
    """What approvals work with."""
    return Desk(approvals=Approvals(settings().runs_table), runs=runs())


def status() -> ApprovalStatus:
    """The status that is asked for.

    Raises:
        BadRequest: there is no such status.
    """
    return one_of(ApprovalStatus, word("status", ApprovalStatus.WAITING.value), "status", "status of an approval")


@app.get("/v1/tenants/<tenant>/approvals")
def of_tenant(tenant: str) -> Response[str]:
    """A page of a tenant's approvals of a `status` (waiting ones by default), newest first."""
    caller("readApprovals", f"tenant/{tenant}")
    return ok(list_approvals(desk(), f"tenant/{tenant}", status(), word("cursor") or None))


@app.get("/v1/tenants/<tenant>/approvals/<approval>")
def one_of_tenant(tenant: str, approval: str) -> Response[str]:
    """One approval of a tenant."""
    caller("readApprovals", f"tenant/{tenant}")
    return ok(show_approval(desk(), f"tenant/{tenant}", approval))


@app.post("/v1/tenants/<tenant>/approvals/<approval>")
def decided_in_tenant(tenant: str, approval: str) -> Response[str]:
    """Approve or reject; for its approvers only, and once."""
    by = caller("decideApprovals", f"tenant/{tenant}")
    return ok(decide(desk(), f"tenant/{tenant}", approval, Verdict.model_validate_json(body()), by))


@app.get("/v1/approvals")
def of_platform() -> Response[str]:
    """A page of the platform's own approvals of a `status` (waiting ones by default), newest first."""
    caller("readApprovals")
    return ok(list_approvals(desk(), PLATFORM_SCOPE, status(), word("cursor") or None))


@app.get("/v1/approvals/<approval>")
def one_of_platform(approval: str) -> Response[str]:
    """One approval of the platform's own."""
    caller("readApprovals")
    return ok(show_approval(desk(), PLATFORM_SCOPE, approval))


@app.post("/v1/approvals/<approval>")
def decided_in_platform(approval: str) -> Response[str]:
    """Approve or reject what the platform itself asks; for its approvers only, and once."""
    by = caller("decideApprovals")
    return ok(decide(desk(), PLATFORM_SCOPE, approval, Verdict.model_validate_json(body()), by))
