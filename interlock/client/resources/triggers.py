"""What starts a workflow, where it fed itself and was stopped.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.dead_letter import StoppedTrigger, StoppedTriggers, TriggerRef


class TriggersResource:
    """What starts a workflow, where it fed itself and was stopped."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def start(self, tenant: str, body: TriggerRef, *, key: str = "") -> StoppedTrigger:
        """Let a stopped trigger start runs again."""
        return StoppedTrigger.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/triggers:start", body, key=key)
        )

    def list_stopped(self, tenant: str) -> StoppedTriggers:
        """List the triggers that are stopped because they fed themselves."""
        return StoppedTriggers.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/triggers:stopped")
        )
