"""Changes of installs: asked for, then waited for until the platform's workflow has ended."""

from collections.abc import Callable, Mapping

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.wait import until
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Conflict
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Install, InstallStatus

SECONDS = 120


def install_app(client: Client, base: str, request: Mapping[str, Json]) -> Install:
    """Install an app, and wait until it is active.

    Raises:
        Conflict: it could not be installed; nothing of it is left.
    """
    made = client.api.installs.create(_tenant(base), InstallRequest.model_validate(request))
    return settled(client, base, made.id, InstallStatus.ACTIVE)


def remove_install(
    client: Client, base: str, install: str, *, abort: bool = False, seconds: float = SECONDS
) -> Install:
    """Remove an install, and wait until its runs are over and it is removed."""
    client.api.installs.delete(_tenant(base), install, abort=abort)
    return settled(client, base, install, InstallStatus.REMOVED, seconds=seconds)


def settled(client: Client, base: str, install: str, wanted: InstallStatus, *, seconds: float = SECONDS) -> Install:
    """The install once it has a status.

    Raises:
        Conflict: what was begun was taken back.
        Unavailable: not within the time.
    """

    def over(found: Install) -> bool:
        taken_back = wanted is InstallStatus.ACTIVE and found.status is InstallStatus.REMOVED
        if taken_back:
            raise _taken_back(found, found.problem)
        return found.status is wanted

    return _until(client, base, install, over, seconds, f"{install} {wanted.value}")


def switched(client: Client, base: str, install: str, to: str) -> Install:
    """The install once it runs a version.

    Raises:
        Conflict: the switch was taken back, or was not begun for what the version asks for.
        Unavailable: not within the time.
    """

    def over(found: Install) -> bool:
        refused = found.offer and found.offer.version == to and found.offer.problem
        if refused or to in found.held:
            raise _taken_back(found, refused or found.problem)
        return found.version == to and found.moving is None

    return _until(client, base, install, over, SECONDS, f"{install} at {to}")


def _until(
    client: Client, base: str, install: str, over: Callable[[Install], bool], seconds: float, what: str
) -> Install:
    def ask() -> Install | None:
        found = client.api.installs.get(_tenant(base), install)
        return found if over(found) else None

    return until(ask, seconds=seconds, what=what, next_step=f"interlock install show {install}")


def _tenant(base: str) -> str:
    return base.rpartition("/")[2]


def _taken_back(found: Install, why: str) -> Conflict:
    step = f"interlock install show {found.id}"
    return Conflict(f"{found.app}: {why}", where=found.id, code="taken-back", next_step=step)
