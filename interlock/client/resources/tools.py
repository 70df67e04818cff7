"""Workflows that are called by name.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.run_request import RunAccepted, ToolCall


class ToolsResource:
    """Workflows that are called by name."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def call(self, tenant: str, tool: str, body: ToolCall, *, key: str = "") -> RunAccepted:
        """Call a tool of an installed app: start its workflow with these arguments."""
        return RunAccepted.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/tools/{part(tool)}", body, key=key)
        )
