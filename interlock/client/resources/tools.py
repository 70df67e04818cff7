"""Workflows that are called by name.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.copilot.tool import CallableTool, CallableToolPage
from interlock.contract.run_request import RunAccepted, ToolCall


class ToolsResource:
    """Workflows that are called by name."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, cursor: str | None = None) -> CallableToolPage:
        """List the tools of a tenant's installed apps that can be called.

        A page may be short and not the last.
        """
        return CallableToolPage.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/tools", query={"cursor": cursor})
        )

    def iterate(self, tenant: str, *, most: int | None = None) -> Iterator[CallableTool]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(lambda limit, cursor: self.list(tenant, cursor=cursor), lambda page: page.tools, most, 1)

    def call(self, tenant: str, tool: str, body: ToolCall, *, key: str = "") -> RunAccepted:
        """Call a tool of an installed app: start its workflow with these arguments."""
        return RunAccepted.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/tools/{part(tool)}", body, key=key)
        )
