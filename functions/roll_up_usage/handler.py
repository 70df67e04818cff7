"""The clock of usage."""

from datetime import UTC, datetime
from typing import Any

from functions.clocks import run_clock
from functions.telemetry import observed
from functions.tracing import traced
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core.base import Json
from interlock.contract.core.settings import UsageSettings
from interlock.control.usage.rollup import roll_up_usage


@traced
@observed
def handler(_event: dict[str, Any], context: Any) -> Json:
    """Roll up, weigh, tell."""
    settings = UsageSettings.read()
    registry, usages = Registry(settings.registry_table), UsageRecords(settings.runs_table)
    return run_clock(
        context, lambda in_time: roll_up_usage(registry, usages, settings.data_bucket, datetime.now(UTC), in_time)
    )
