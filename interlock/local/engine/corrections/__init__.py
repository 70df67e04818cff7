"""The corrections of the embedded emulator, each held by a test in tests/local/engine."""

from __future__ import annotations

from . import edit
from .callbacks import CALLBACK_FAILURE
from .environment import ENVIRONMENT
from .errors import ERRORS
from .parallel import PARALLEL
from .rootkey import ROOT_KEY
from .sleeps import LOG_WAIT, START_SLEEP
from .tenancy import TENANCY
from .worker import LOGGING

ALL: tuple[edit.Correction, ...] = (
    ERRORS,
    LOGGING,
    ENVIRONMENT,
    LOG_WAIT,
    START_SLEEP,
    PARALLEL,
    CALLBACK_FAILURE,
    ROOT_KEY,
    TENANCY,
)

__all__ = ["ALL", "edit"]
