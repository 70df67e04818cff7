"""Changes of installs: begins them, then waits until the platform's workflow has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import Conflict
from interlock.contract.registry import Install, InstallStatus

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.install import InstallRequest

SECONDS = 120


def install_app(client: Client, tenant: str, request: InstallRequest) -> Install:
    """Install an app, and wait until it is active.

    Raises:
        Conflict: it could not be installed; nothing of it is left.
    """
    begun = client.installs.create(tenant, request)
    return settled(client, tenant, begun.id, InstallStatus.ACTIVE)


def remove_install(
    client: Client, tenant: str, install: str, *, abort: bool = False, seconds: float = SECONDS
) -> Install:
    """Remove an install, and wait until its runs are over and it is removed."""
    client.installs.delete(tenant, install, abort=abort)
    return settled(client, tenant, install, InstallStatus.REMOVED, seconds=seconds)


def settled(client: Client, tenant: str, install: str, status: InstallStatus, *, seconds: float = SECONDS) -> Install:
    """The install once it has a status.

    Raises:
        Conflict: the platform took the change back.
        Unavailable: it took longer than `seconds`.
    """

    def over(state: Install) -> bool:
        if status is InstallStatus.ACTIVE and state.status is InstallStatus.REMOVED:
            raise _taken_back(state, state.problem)
        return state.status is status

    return _wait(client, tenant, install, over, seconds)


def upgraded(client: Client, tenant: str, install: str, version: str) -> Install:
    """The install once it runs a version.

    Raises:
        Conflict: the platform took the upgrade back, or did not begin it because of what the version asks for.
        Unavailable: it took longer than SECONDS.
    """

    def over(state: Install) -> bool:
        problem = state.offer.problem if state.offer and state.offer.version == version else ""
        if problem or version in state.held:
            raise _taken_back(state, problem or state.problem)
        return state.version == version and state.moving is None

    return _wait(client, tenant, install, over, SECONDS)


def _wait(client: Client, tenant: str, install: str, over: Callable[[Install], bool], seconds: float) -> Install:
    def ask() -> Install | None:
        state = client.installs.get(tenant, install)
        return state if over(state) else None

    step = f"interlock install show {install}"
    return until(ask, seconds=seconds, what=f"the end of the change of {install}", next_step=step)


def _taken_back(install: Install, why: str) -> Conflict:
    step = f"interlock install show {install.id}"
    return Conflict(f"{install.app}: {why}", where=install.id, code="taken-back", next_step=step)
