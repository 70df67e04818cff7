"""The clock of the installs."""

from functools import cache
from typing import Any

from interlock.contract.core.base import Json, now
from interlock.contract.core.settings import LifecycleSettings
from interlock.control.installs.context import Life, life_of
from interlock.control.installs.maintenance import maintain_installs


@cache
def life() -> Life:
    """What changes of installs work with, once in a process."""
    return life_of(LifecycleSettings.read())


def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Look at what is due."""
    return {"seen": len(maintain_installs(life(), now()))}
