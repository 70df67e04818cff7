"""One X-Ray subsegment for a step, sent to the daemon that Lambda runs beside the function.

The daemon's protocol is a UDP datagram of JSON, so that neither aws-xray-sdk nor Powertools' tracer has to be
imported in a cold start. Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

import json
import os
import re
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from interlock.contract.envelope import StepContext, StepError

DAEMON = "AWS_XRAY_DAEMON_ADDRESS"
HEADER = "_X_AMZN_TRACE_ID"
MAX_MESSAGE_CHARS = 500
MAX_FRAMES = 10
_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_ID = re.compile(r"[0-9a-f]{16}")


class Parent(NamedTuple):
    """The trace that a step belongs to, and the segment it is under."""

    trace: str
    segment: str


def parse_header(header: str) -> Parent | None:
    """Read `Root=1-…;Parent=…;Sampled=1`; None where it is not sampled or not complete."""
    parts = [part.strip().partition("=") for part in header.split(";")]
    fields = {name: value for name, _, value in parts}
    trace, segment = fields.get("Root", ""), fields.get("Parent", "")
    if fields.get("Sampled") != "1" or not _ROOT.fullmatch(trace) or not _ID.fullmatch(segment):
        return None
    return Parent(trace, segment)


class Span:
    """The step's subsegment; `error` is set where the step failed."""

    def __init__(self) -> None:
        """Begin without an error."""
        self.error: StepError | None = None


@contextmanager
def span(info: StepContext) -> Generator[Span]:
    """Time what is inside, and send it; costs nothing where no daemon listens or the trace is not sampled."""
    current = Span()
    daemon = os.environ.get(DAEMON, "")
    parent = (parse_header(info.trace) or parse_header(os.environ.get(HEADER, ""))) if daemon else None
    if parent is None:
        yield current
        return
    started = time.time()
    try:
        yield current
    finally:
        send(daemon, _document(info, parent, started, current.error))


def _document(info: StepContext, parent: Parent, started: float, error: StepError | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": "subsegment",
        "id": os.urandom(8).hex(),
        "trace_id": parent.trace,
        "parent_id": parent.segment,
        "name": f"step {info.step}",
        "start_time": started,
        "end_time": time.time(),
        "annotations": {
            "run": info.run,
            "tenant": info.tenant,
            "app": info.app,
            "step": info.step,
            "state": info.state,
        },
    }
    if error is not None:
        # The name only: a message may hold the tenant's data, and traces are read by others than logs are.
        exception: dict[str, Any] = {"id": os.urandom(8).hex(), "type": error.name[:MAX_MESSAGE_CHARS]}
        frames = [{"path": row.file, "line": row.line, "label": row.function} for row in error.frames[-MAX_FRAMES:]]
        if frames:
            exception["stack"] = list(reversed(frames))
        document |= {"fault": True, "cause": {"working_directory": "", "exceptions": [exception]}}
    return document


def send(daemon: str, document: dict[str, Any]) -> None:
    """One datagram; lost if nobody listens, for a trace must not fail a step."""
    address = next((part.removeprefix("udp:") for part in daemon.split() if not part.startswith("tcp:")), daemon)
    host, _, port = address.rpartition(":")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(f'{{"format":"json","version":1}}\n{json.dumps(document)}'.encode(), (host, int(port)))
    except (OSError, ValueError):
        return
