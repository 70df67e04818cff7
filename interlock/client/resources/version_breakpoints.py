"""Breakpoints on every run of a version.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.breakpoint import BreakpointList, BreakpointReach, BreakpointRemoved, NewBreakpoint
from interlock.contract.run import Breakpoint


class VersionBreakpointsResource:
    """Breakpoints on every run of a version."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, publisher: str, name: str, version: str) -> BreakpointList:
        """List the breakpoints of a version.

        They are counted in runs that the caller may see: of the sandbox, of its own tenants, and of support sessions.
        """
        return BreakpointList.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/breakpoints"
            )
        )

    def create(self, publisher: str, name: str, version: str, body: NewBreakpoint, *, key: str = "") -> Breakpoint:
        """Arm a breakpoint on runs of a version.

        It stops runs in the sandbox, runs of tenants that have a support session open for the app, and runs of tenants
        that the caller is an admin of.
        """
        return Breakpoint.model_validate_json(
            self._calls.fetch(
                "POST",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/breakpoints",
                body,
                key=key,
            )
        )

    def delete(self, publisher: str, name: str, version: str, rule: str) -> BreakpointRemoved:
        """Remove a breakpoint from a version."""
        return BreakpointRemoved.model_validate_json(
            self._calls.fetch(
                "DELETE",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/breakpoints/{part(rule)}",
            )
        )

    def count(self, publisher: str, name: str, version: str, *, state: str | None = None) -> BreakpointReach:
        """Count the runs under way that a breakpoint of the caller on a version could stop.

        It would stop later runs too. Runs are counted in the sandbox, in tenants that have a support session open for
        the app, and in tenants whose runs the caller debugs anyway. Runs of other tenants are not counted, and it does
        not stop them.
        """
        return BreakpointReach.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/breakpoints:count",
                query={"state": state},
            )
        )
