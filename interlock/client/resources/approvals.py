"""Approvals of a tenant: steps and events that wait for somebody to decide.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.approval import Approval, ApprovalPage, ApprovalStatus, Verdict


class ApprovalsResource:
    """Approvals of a tenant: steps and events that wait for somebody to decide."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, status: ApprovalStatus | None = None, cursor: str | None = None) -> ApprovalPage:
        """List a tenant's approvals, newest first."""
        return ApprovalPage.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/approvals", query={"status": status, "cursor": cursor}
            )
        )

    def iterate(
        self, tenant: str, *, status: ApprovalStatus | None = None, most: int | None = None
    ) -> Iterator[Approval]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, status=status, cursor=cursor), lambda page: page.approvals, most, 1
        )

    def get(self, tenant: str, approval: str) -> Approval:
        """Show one approval of a tenant."""
        return Approval.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/approvals/{part(approval)}")
        )

    def decide(self, tenant: str, approval: str, body: Verdict, *, key: str = "") -> Approval:
        """Approve or reject, once.

        Only the approvers that it names may decide.
        """
        return Approval.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/approvals/{part(approval)}", body, key=key)
        )
