"""Breakpoints on every run of an install.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.breakpoint import BreakpointList, BreakpointReach, BreakpointRemoved, NewBreakpoint
from interlock.contract.run import Breakpoint


class InstallBreakpointsResource:
    """Breakpoints on every run of an install."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, install: str) -> BreakpointList:
        """List the breakpoints of an install."""
        return BreakpointList.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/breakpoints")
        )

    def create(self, tenant: str, install: str, body: NewBreakpoint, *, key: str = "") -> Breakpoint:
        """Arm a breakpoint on every run of an install."""
        return Breakpoint.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/breakpoints", body, key=key)
        )

    def delete(self, tenant: str, install: str, rule: str) -> BreakpointRemoved:
        """Remove a breakpoint from an install."""
        return BreakpointRemoved.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/breakpoints/{part(rule)}")
        )

    def count(self, tenant: str, install: str, *, state: str | None = None) -> BreakpointReach:
        """Count the runs under way that a breakpoint on an install could stop.

        It would stop later runs too.
        """
        return BreakpointReach.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/breakpoints:count", query={"state": state}
            )
        )
