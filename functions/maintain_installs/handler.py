"""The clock of the installs."""

from functools import cache
from typing import Any

from functions.telemetry import observed
from interlock.contract.core.base import Json, now
from interlock.contract.core.settings import LifecycleSettings
from interlock.control.installs.context import InstallContext, install_context
from interlock.control.installs.maintenance import maintain_installs


@cache
def life() -> InstallContext:
    """What changes of installs work with, once in a process."""
    return install_context(LifecycleSettings.read())


@observed
def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Look at what is due."""
    return {"seen": len(maintain_installs(life(), now()))}
