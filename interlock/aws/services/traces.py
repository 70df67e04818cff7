"""X-Ray: sending the segments of a run."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from interlock.aws.clients import client

PER_CALL = 50
"""Segments in one call, ours: each has less than 2 KB, and AWS's own SDKs send no more."""


def put_segments(documents: Sequence[Mapping[str, Any]]) -> None:
    """Send segments; X-Ray keeps them for 30 days.

    Source: https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html
    """
    for at in range(0, len(documents), PER_CALL):
        texts = [json.dumps(document) for document in documents[at : at + PER_CALL]]
        client("xray").put_trace_segments(TraceSegmentDocuments=texts)
