"""Routes that every caller may use: who it is, and what its bundles are vendored for."""

from functions.api import contexts
from functions.api.routing import CurrentCaller, route
from interlock.contract.alarm import AlarmList
from interlock.contract.manifest import Target
from interlock.contract.member import CallerView
from interlock.control.access.authorize import view_caller
from interlock.control.inspection import alarms


@route("GET", "/v1/me", "platform.get_caller", action="readMe")
def get_caller(caller: CurrentCaller) -> CallerView:
    """Show who calls, its memberships, and what each of their scopes allows it."""
    return view_caller(caller)


@route("GET", "/v1/alarms", "platform.list_alarms", action="readPlatform")
def list_alarms() -> AlarmList:
    """List the alarms of the deployment, those that ring first."""
    return alarms.list_alarms()


@route("GET", "/v1/target", "platform.get_target", action="readTarget")
def get_target() -> Target:
    """Show for which Python and architecture a bundle's dependencies are vendored."""
    settings = contexts.settings()
    return Target.model_validate({"python": settings.target_python, "architecture": settings.target_architecture})
