"""What can go wrong with the embedded engine, each with the next thing to do."""

from __future__ import annotations

from interlock.contract.core.failure import Failure


class EngineFailure(Failure):
    """A failure of the embedded engine, with where it was, what it was and what to do next."""

    default_code = "engine"

    def __init__(self, where: str, what: str, next_step: str) -> None:
        """Keep the three parts."""
        super().__init__(what, where=where, next_step=next_step)


class PortInUse(EngineFailure):
    """Another program listens on the engine's port."""

    default_code = "engine-port"


class EngineDied(EngineFailure):
    """The engine ended while it was starting, or did not get ready in time."""

    default_code = "engine-died"


class EngineNotRunning(EngineFailure):
    """There is no running engine for this state directory."""

    default_code = "engine-not-running"


class EngineWillNotStop(EngineFailure):
    """The engine is still there after its time to save its state."""

    default_code = "engine-will-not-stop"


class EngineNotSaved(EngineFailure):
    """The engine cannot save what changed, because the disk is full or cannot be written."""

    default_code = "engine-not-saved"


class StateDamaged(EngineFailure):
    """The engine's saved state cannot be read."""

    default_code = "engine-state"


class EngineInstallFailed(EngineFailure):
    """The engine's own virtual environment could not be made."""

    default_code = "engine-install"
