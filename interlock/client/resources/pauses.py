"""Steps that a breakpoint or an approval stopped.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.run import NewDecision, Pause, PauseList


class PausesResource:
    """Steps that a breakpoint or an approval stopped."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, run: str) -> PauseList:
        """List the pauses of a run."""
        return PauseList.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses")
        )

    def get(self, tenant: str, run: str, pause: str) -> Pause:
        """Show one pause of a run."""
        return Pause.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses/{part(pause)}")
        )

    def resume(self, tenant: str, run: str, pause: str, body: NewDecision, *, key: str = "") -> Pause:
        """Decide how a paused step goes on."""
        return Pause.model_validate_json(
            self._calls.fetch(
                "POST", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses/{part(pause)}", body, key=key
            )
        )

    def release(self, tenant: str, run: str, pause: str) -> Pause:
        """Let copilots decide a pause again."""
        return Pause.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses/{part(pause)}/hand")
        )

    def take(self, tenant: str, run: str, pause: str, *, key: str = "") -> Pause:
        """Take a pause to decide it: for an hour no copilot decides it, also none that was about to."""
        return Pause.model_validate_json(
            self._calls.fetch(
                "POST", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses/{part(pause)}/hand", {}, key=key
            )
        )
