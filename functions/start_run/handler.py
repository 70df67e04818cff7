"""Serves the queue of starts."""

from functools import cache
from typing import Any

from functions.batches import each
from interlock.aws.services import queues
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core import limits
from interlock.contract.core.failure import Throttled, Undeliverable
from interlock.contract.core.settings import StarterSettings
from interlock.contract.start_message import StartMessage, read_start
from interlock.control.events.event_replay import KIND, Replayer, serve_replay
from interlock.control.events.record_dead_letter import keep_failed, keep_unreadable
from interlock.control.runs.fork import start_fork
from interlock.control.runs.start import Starter, refuse, retry_seconds, start_run
from interlock.control.usage.admission import defer_seconds


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
        alerts=settings.alert_queue,
        signing_key=settings.signing_key,
    )


@cache
def replayer() -> Replayer:
    """What replaying works with, once in a process."""
    settings, found = StarterSettings.read(), starter()
    return Replayer(
        table=settings.runs_table, bucket=settings.data_bucket, registry=found.registry, queue=settings.start_queue
    )


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Start the run of each message; one that fails comes again, later each time, and ends as a dead letter."""
    return each(event, _serve)


def _serve(record: dict[str, Any]) -> None:
    found, message = starter(), read_start(record["body"])
    if message is None:
        keep_unreadable(record["body"], found.runs, found.bucket)
        return
    try:
        _start(message, found)
    except Throttled:
        # No failure: it waits for room, as long as it takes, and is never a dead letter for it.
        later = message.model_copy(update={"deferred": message.deferred + 1})
        queues.send_later(StarterSettings.read().start_queue, later.model_dump_json(), defer_seconds(message.deferred))
    except Exception as error:
        tried = int(record["attributes"]["ApproximateReceiveCount"])
        if tried >= limits.START_RECEIVES:
            keep_failed(message, error, found.runs, found.registry, found.bucket)
            return
        queues.postpone(record["eventSourceARN"], record["receiptHandle"], retry_seconds(tried))
        raise


def _start(message: StartMessage, found: Starter) -> None:
    if message.kind == KIND:
        serve_replay(message, replayer())
        return
    if message.kind != "fork":
        start_run(message, found)
        return
    try:
        start_fork(message, found)
    except Undeliverable as error:
        refuse(message, error, found)
