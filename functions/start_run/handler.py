"""Serves the queue of starts."""

import time
from typing import Any

from functions import contexts
from functions.batches import serve_queue
from functions.telemetry import Metric, correlate, count, measure, observed
from interlock.aws.services import queues
from interlock.contract.core import limits
from interlock.contract.core.failure import Throttled, Undeliverable
from interlock.contract.core.settings import StartSettings
from interlock.contract.start_message import (
    EVENT_REPLAY,
    FORK_JOB,
    GOES_ON,
    VERIFICATION,
    StartMessage,
    read_start,
    run_of,
)
from interlock.control.events.record_dead_letter import record_failed, record_overdue, record_unreadable
from interlock.control.runs.start import StartContext, refuse, retry_seconds, start_run
from interlock.control.usage.admission import defer_seconds


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Start the run of each message; one that fails comes again, later each time, and ends as a dead letter."""
    return serve_queue(event, _serve)


def _serve(record: dict[str, Any]) -> None:
    context, message = contexts.start(), read_start(record["body"])
    if message is None:
        record_unreadable(record["body"], context.runs, context.bucket)
        count(Metric.DEAD_LETTERS)
        return
    correlate(run=run_of(message), tenant=message.tenant)
    try:
        _start(message, context)
        _measure_latency(message, record["attributes"])
    except Throttled as error:
        if message.deferred >= limits.MAX_DEFERRALS:
            record_overdue(message, error, context.runs, context.registry, context.bucket)
            count(Metric.DEAD_LETTERS)
            return
        # No failure: it waits for room.
        later = message.model_copy(update={"deferred": message.deferred + 1})
        queue, wait = StartSettings.read().start_queue, defer_seconds(message.deferred)
        queues.send_later(queue, later.model_dump_json(), message.tenant, wait)
    except Exception as error:
        tried = int(record["attributes"]["ApproximateReceiveCount"])
        if tried >= limits.START_RECEIVES:
            record_failed(message, error, context.runs, context.registry, context.bucket)
            count(Metric.DEAD_LETTERS)
            return
        queues.postpone(record["eventSourceARN"], record["receiptHandle"], retry_seconds(tried))
        raise


def _start(message: StartMessage, context: StartContext) -> None:
    # Most messages start a run, and 30 % of a cold start would be the imports of what is seldom asked for.
    if message.kind == EVENT_REPLAY:
        from interlock.control.events.event_replay import serve_event_replay

        serve_event_replay(message, contexts.event_replay())
    elif message.kind == FORK_JOB:
        from interlock.control.runs.bulk_fork import serve_bulk_fork

        serve_bulk_fork(message, contexts.fork())
    elif message.kind == VERIFICATION:
        from interlock.control.runs.verification import serve_verification

        serve_verification(message, contexts.fork())
    elif message.kind == "fork":
        from interlock.control.runs.fork import start_fork

        try:
            start_fork(message, context)
        except Undeliverable as error:
            refuse(message, error, context)
    else:
        start_run(message, context)


def _measure_latency(message: StartMessage, attributes: dict[str, str]) -> None:
    """From when SQS took the message (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html) until now.

    What waited for room within a tenant's quota, or goes on with a replay, is not late.
    """
    sent = attributes.get("SentTimestamp", "")
    if sent and not message.deferred and message.kind not in GOES_ON:
        measure(Metric.START_LATENCY, time.time() * 1000 - int(sent))
