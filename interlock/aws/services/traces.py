"""X-Ray: the gate's segments, and reading a trace. Each run is one trace, whose id is kept in the run item."""

import json
import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from interlock.aws.clients import client
from interlock.sdk.trace import DAEMON, send


class Segment:
    """A segment that is open: its header for what it calls, and the error that it ended with."""

    def __init__(self, trace: str) -> None:
        """Name it; nothing is sent yet."""
        self.id = os.urandom(8).hex()
        self.header = f"Root={trace};Parent={self.id};Sampled=1"
        self.error = ""
        self.frame = ""
        """`file:line in function` of the innermost frame of publisher code."""


@contextmanager
def segment(trace: str, name: str, annotations: Mapping[str, str]) -> Generator[Segment]:
    """Time what is inside, and send it to the daemon that Lambda runs beside the function.

    One datagram, lost where no daemon listens: a trace must not fail a step.
    """
    current = Segment(trace)
    started = time.time()
    try:
        yield current
    finally:
        daemon = os.environ.get(DAEMON, "")
        if daemon and trace:
            document = {
                "id": current.id,
                "trace_id": trace,
                "name": name,
                "start_time": started,
                "end_time": time.time(),
                "annotations": dict(annotations),
            }
            if current.error:
                document |= {
                    "fault": True,
                    "annotations": {**annotations, "error": current.error, "frame": current.frame},
                }
            send(daemon, document)


def read_trace(trace: str) -> list[dict[str, Any]]:
    """The documents of a trace's segments and subsegments; empty where X-Ray has none (yet, or any more).

    Source: https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html
    """
    rows: list[dict[str, Any]] = []
    fields: dict[str, Any] = {"TraceIds": [trace]}
    while True:
        answer = client("xray").batch_get_traces(**fields)
        for one in answer.get("Traces", ()):
            rows += [json.loads(segment["Document"]) for segment in one.get("Segments", ())]
        if not answer.get("NextToken"):
            return rows
        fields["NextToken"] = answer["NextToken"]
