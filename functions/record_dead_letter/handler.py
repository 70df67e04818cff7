"""Drains the dead-letter queue of starts into dead letters that people see."""

from typing import Any

from functions.batches import serve_queue
from functions.telemetry import Metric, count, observed
from functions.tracing import traced
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core.settings import DeadLetterSettings
from interlock.control.events.record_dead_letter import record_drained


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Keep each message."""
    return serve_queue(event, _keep)


def _keep(record: dict[str, Any]) -> None:
    config = DeadLetterSettings.read()
    record_drained(record["body"], Runs(config.runs_table), Registry(config.registry_table), config.data_bucket)
    count(Metric.DEAD_LETTERS)
