"""Serves the queue of starts."""

from functools import cache
from typing import Any

from functions.batches import each
from interlock.aws.registry import Registry
from interlock.aws.runs import Runs
from interlock.contract.run import Run
from interlock.contract.settings import StarterSettings
from interlock.control.fork import start_fork
from interlock.control.start_run import Starter, StartMessage, start_run


@cache
def starter() -> Starter:
    """What starting works with, once in a process."""
    settings = StarterSettings.read()
    return Starter(
        runs=Runs(settings.runs_table),
        registry=Registry(settings.registry_table),
        bucket=settings.data_bucket,
        artifacts=settings.artifact_bucket,
        machine_prefix=settings.machine_prefix,
    )


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Start the run of each message."""
    return each(event, lambda record: _start(StartMessage.model_validate_json(record["body"])))


def _start(message: StartMessage) -> Run | None:
    return start_fork(message, starter()) if message.kind == "fork" else start_run(message, starter())
