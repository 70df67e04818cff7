"""The segments of a trace, read from X-Ray."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import boto3

from interlock.local.platform import Platform


def documents(platform: Platform, trace: str, wanted: int, deadline_s: float = 20.0) -> list[dict[str, Any]]:
    """The segments of a trace, once there are as many as wanted."""
    engine = platform.engine
    xray = boto3.client(
        "xray",
        endpoint_url=engine.xray_endpoint_url,
        region_name=engine.region,
        aws_access_key_id=engine.access_key,
        aws_secret_access_key=engine.secret_key,
    )
    end = time.monotonic() + deadline_s
    rows: list[dict[str, Any]] = []
    while time.monotonic() < end and len(rows) < wanted:
        threading.Event().wait(0.1)
        traces = xray.batch_get_traces(TraceIds=[trace])["Traces"]
        segments = [segment for one in traces for segment in one.get("Segments", ())]
        rows = [json.loads(segment.get("Document", "{}")) for segment in segments]
    return rows
