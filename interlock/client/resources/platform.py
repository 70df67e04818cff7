"""What every caller may read.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls
from interlock.contract.alarm import AlarmList
from interlock.contract.manifest import Target
from interlock.contract.member import CallerView


class PlatformResource:
    """What every caller may read."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list_alarms(self) -> AlarmList:
        """List the alarms of the deployment, those that ring first."""
        return AlarmList.model_validate_json(self._calls.fetch("GET", "/v1/alarms"))

    def get_caller(self) -> CallerView:
        """Show who calls, its memberships, and what each of their scopes allows it."""
        return CallerView.model_validate_json(self._calls.fetch("GET", "/v1/me"))

    def get_target(self) -> Target:
        """Show for which Python and architecture a bundle's dependencies are vendored."""
        return Target.model_validate_json(self._calls.fetch("GET", "/v1/target"))
