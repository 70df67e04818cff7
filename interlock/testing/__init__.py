"""Run steps in tests, with no engine and no network: `run_step`, and what it answers."""

from interlock.testing.memory import MemoryBackend, asset, in_turn
from interlock.testing.steps import StepRun, run_step

__all__ = ["MemoryBackend", "StepRun", "asset", "in_turn", "run_step"]
