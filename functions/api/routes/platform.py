"""Routes that every caller may use: who it is, and what its bundles are vendored for."""

from functions.api import contexts
from functions.api.routing import CurrentCaller, route
from interlock.contract.manifest import Target
from interlock.contract.member import Caller


@route("GET", "/v1/me", "platform.get_caller", action="readMe")
def get_caller(caller: CurrentCaller) -> Caller:
    """Show who calls, and its memberships."""
    return caller


@route("GET", "/v1/target", "platform.get_target", action="readTarget")
def get_target() -> Target:
    """Show for which Python and architecture a bundle's dependencies are vendored."""
    settings = contexts.settings()
    return Target.model_validate({"python": settings.target_python, "architecture": settings.target_architecture})
