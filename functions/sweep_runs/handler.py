"""Runs every few minutes."""

from functools import cache
from typing import Any

from functions.telemetry import observed
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core.settings import FinishSettings
from interlock.control.runs.finish import FinishContext
from interlock.control.runs.sweep import sweep_runs


@cache
def finisher() -> FinishContext:
    """What finishing works with, once in a process."""
    settings = FinishSettings.read()
    return FinishContext(
        runs=Runs(settings.runs_table),
        registry=Registry(settings.registry_table),
        bucket=settings.data_bucket,
        artifacts=settings.artifact_bucket,
        alerts=settings.alert_queue,
        starts=settings.start_queue,
    )


@observed
def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Finish what ended unseen."""
    return {"finished": sweep_runs(finisher())}
