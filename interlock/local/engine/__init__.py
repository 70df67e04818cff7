"""The embedded engine: an AWS emulator with our corrections, started for the local platform."""

from interlock.local.engine.failure import (
    EngineDied,
    EngineFailure,
    EngineInstallFailed,
    EngineNotRunning,
    EngineWillNotStop,
    PortInUse,
)
from interlock.local.engine.process import (
    Engine,
    EngineSettings,
    EngineStatus,
    engine_status,
    free_port,
    start_engine,
    stop_engine,
)
from interlock.local.engine.record import ACCOUNT_ID, REGION

__all__ = [
    "ACCOUNT_ID",
    "REGION",
    "Engine",
    "EngineDied",
    "EngineFailure",
    "EngineInstallFailed",
    "EngineNotRunning",
    "EngineSettings",
    "EngineStatus",
    "EngineWillNotStop",
    "PortInUse",
    "engine_status",
    "free_port",
    "start_engine",
    "stop_engine",
]
