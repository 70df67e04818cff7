"""Serves the queue of ended executions."""

import json
from typing import Any

from functions import contexts
from functions.batches import serve_queue
from functions.telemetry import correlate, observed
from interlock.contract.core.names import parse_execution
from interlock.control.runs.finish import Ending, finish_run


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Finish the run of each status event."""
    return serve_queue(event, lambda record: _serve(json.loads(record["body"])["detail"]))


def _serve(detail: dict[str, Any]) -> None:
    name = parse_execution(detail["executionArn"])
    correlate(run=name.run, tenant=name.tenant)
    finish_run(_ending(detail), contexts.finish())


def _ending(detail: dict[str, Any]) -> Ending:
    return Ending(
        execution=detail["executionArn"],
        status=detail["status"],
        output=detail.get("output") or "",
        error=detail.get("error") or "",
        cause=detail.get("cause") or "",
        stopped=int(detail.get("stopDate") or 0),
    )
