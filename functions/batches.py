"""A batch of queue messages or stream records, one by one, with partial failures.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger("interlock")


def each(event: dict[str, Any], serve: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Serve every record; what failed is reported, so that only it is delivered again.

    A stream's batch ends at its first failure, because order matters there: later records come again with it.
    """
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            serve(record)
        except Exception:
            log.exception("a record failed")
            ordered = "dynamodb" in record
            identifier = record["dynamodb"]["SequenceNumber"] if ordered else record["messageId"]
            failures.append({"itemIdentifier": identifier})
            if ordered:
                break
    return {"batchItemFailures": failures}
