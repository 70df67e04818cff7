"""Serves the queue of ended executions."""

import json
from functools import cache
from typing import Any

from functions.batches import serve_queue
from functions.telemetry import observed
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core.settings import FinishSettings
from interlock.control.runs.finish import Ending, FinishContext, finish_run


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
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Finish the run of each status event."""
    return serve_queue(event, lambda record: finish_run(_ending(json.loads(record["body"])["detail"]), finisher()))


def _ending(detail: dict[str, Any]) -> Ending:
    return Ending(
        execution=detail["executionArn"],
        status=detail["status"],
        output=detail.get("output") or "",
        error=detail.get("error") or "",
        cause=detail.get("cause") or "",
        stopped=int(detail.get("stopDate") or 0),
    )
