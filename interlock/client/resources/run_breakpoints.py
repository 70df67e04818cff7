"""Breakpoints on one run.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.breakpoint import BreakpointList, BreakpointRemoved, NewBreakpoint
from interlock.contract.run import Breakpoint


class RunBreakpointsResource:
    """Breakpoints on one run."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, run: str) -> BreakpointList:
        """List the breakpoints of a run."""
        return BreakpointList.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/breakpoints")
        )

    def create(self, tenant: str, run: str, body: NewBreakpoint, *, key: str = "") -> Breakpoint:
        """Arm a breakpoint on a run in flight."""
        return Breakpoint.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/breakpoints", body, key=key)
        )

    def delete(self, tenant: str, run: str, rule: str) -> BreakpointRemoved:
        """Remove a breakpoint from a run."""
        return BreakpointRemoved.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/breakpoints/{part(rule)}")
        )
