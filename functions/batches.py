"""A batch of queue messages or stream records, one by one, with partial failures: Powertools' batch processor.

It is imported before pydantic where a handler imports this first: the processor then leaves out its parser, which no
handler uses (ADR 0020).
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

from functions.telemetry import logger

Serve = Callable[[dict[str, Any]], object]


class EarlierRecordFailed(Exception):
    """A record of a stream that comes again, because one before it failed."""


def serve_queue(event: dict[str, Any], serve: Serve) -> dict[str, Any]:
    """Serve every message of a queue; the ones that failed are reported, so that only they are delivered again."""
    return _process(event, EventType.SQS, _logged(serve))


def serve_stream(event: dict[str, Any], serve: Serve) -> dict[str, Any]:
    """Serve the records of a stream in order: behind the first failure none is served, and all of those come again."""
    failed = False

    def in_order(record: dict[str, Any]) -> object:
        nonlocal failed
        if failed:
            raise EarlierRecordFailed
        failed = True
        answer = _logged(serve)(record)
        failed = False
        return answer

    return _process(event, EventType.DynamoDBStreams, in_order)


def _process(event: dict[str, Any], kind: EventType, serve: Serve) -> dict[str, Any]:
    processor = BatchProcessor(event_type=kind, raise_on_entire_batch_failure=False)

    def handle(record: Any) -> object:
        return serve(record.raw_event)

    with processor(records=event["Records"], handler=handle):
        processor.process()
    return {"batchItemFailures": list(processor.response()["batchItemFailures"])}


def _logged(serve: Serve) -> Serve:
    def call(record: dict[str, Any]) -> object:
        try:
            return serve(record)
        except Exception:
            logger.exception("a record failed")
            raise

    return call
