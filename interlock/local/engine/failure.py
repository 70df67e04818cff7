"""What can go wrong with the embedded engine, each with the next thing to do."""

from __future__ import annotations


class EngineFailure(Exception):
    """A failure of the embedded engine, with where it was, what it was and what to do next."""

    def __init__(self, where: str, what: str, next_step: str) -> None:
        """Keep the three parts and join them for people who print the exception."""
        super().__init__(f"{where}: {what}. Next: {next_step}")
        self.where = where
        self.what = what
        self.next_step = next_step


class PortInUse(EngineFailure):
    """Another program listens on the engine's port."""


class EngineDied(EngineFailure):
    """The engine ended while it was starting, or did not get ready in time."""


class EngineNotRunning(EngineFailure):
    """There is no running engine for this state directory."""


class EngineWillNotStop(EngineFailure):
    """The engine is still there after its time to save its state."""


class EngineInstallFailed(EngineFailure):
    """The engine's own virtual environment could not be made."""
