"""Approvals that the platform itself asks for.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.approval import Approval, ApprovalPage, ApprovalStatus, Verdict


class PlatformApprovalsResource:
    """Approvals that the platform itself asks for."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, *, status: ApprovalStatus | None = None, cursor: str | None = None) -> ApprovalPage:
        """List the approvals that the platform itself asks for, newest first."""
        return ApprovalPage.model_validate_json(
            self._calls.fetch("GET", "/v1/approvals", query={"status": status, "cursor": cursor})
        )

    def iterate(self, *, status: ApprovalStatus | None = None, most: int | None = None) -> Iterator[Approval]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(lambda limit, cursor: self.list(status=status, cursor=cursor), lambda page: page.approvals, most, 1)

    def get(self, approval: str) -> Approval:
        """Show one approval that the platform itself asks for."""
        return Approval.model_validate_json(self._calls.fetch("GET", f"/v1/approvals/{part(approval)}"))

    def decide(self, approval: str, body: Verdict, *, key: str = "") -> Approval:
        """Approve or reject what the platform itself asks for, once.

        Only the approvers that it names may decide.
        """
        return Approval.model_validate_json(self._calls.fetch("POST", f"/v1/approvals/{part(approval)}", body, key=key))
