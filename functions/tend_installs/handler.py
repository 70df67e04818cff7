"""The clock of the installs."""

from functools import cache
from typing import Any

from interlock.contract.base import Json
from interlock.contract.settings import LifecycleSettings
from interlock.control.life import Life, life_of, now
from interlock.control.tend import tend_installs


@cache
def life() -> Life:
    """What changes of installs work with, once in a process."""
    return life_of(LifecycleSettings.read())


def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Look at what is due."""
    return {"seen": len(tend_installs(life(), now()))}
