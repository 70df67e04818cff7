"""X-Ray: the gate's segments. Each run is one trace, whose id is kept in the run item."""

import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from interlock.sdk.trace import DAEMON, send


class Segment:
    """A segment that is open: its header for what it calls, and the error that it ended with."""

    def __init__(self, trace: str) -> None:
        """Name it; nothing is sent yet."""
        self.id = os.urandom(8).hex()
        self.header = f"Root={trace};Parent={self.id};Sampled=1"
        self.error = ""


@contextmanager
def segment(trace: str, name: str, annotations: Mapping[str, str]) -> Generator[Segment]:
    """Time what is inside, and send it to the daemon that Lambda runs beside the function.

    One datagram, lost where no daemon listens: a trace must not fail a step.
    """
    found = Segment(trace)
    started = time.time()
    try:
        yield found
    finally:
        daemon = os.environ.get(DAEMON, "")
        if daemon and trace:
            document = {
                "id": found.id,
                "trace_id": trace,
                "name": name,
                "start_time": started,
                "end_time": time.time(),
                "annotations": dict(annotations),
            }
            send(daemon, document | ({"fault": True} if found.error else {}))
