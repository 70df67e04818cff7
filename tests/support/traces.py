"""The segments of a trace, read from X-Ray."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from interlock.local.platform import Platform


def documents(platform: Platform, trace: str, wanted: int, deadline_s: float = 20.0) -> list[dict[str, Any]]:
    """The segments of a trace, once there are as many as wanted."""
    xray = _client(platform)

    def read() -> list[dict[str, Any]]:
        return _documents(xray, [trace])

    return _read_until(read, lambda rows: len(rows) >= wanted, deadline_s)


def documents_of_service(platform: Platform, service: str, deadline_s: float = 20.0) -> list[dict[str, Any]]:
    """The segments of the newest traces of a function, once there are any: its handler and its AWS calls."""
    xray = _client(platform)

    def read() -> list[dict[str, Any]]:
        end = datetime.now(UTC)
        summaries = xray.get_trace_summaries(StartTime=end - timedelta(minutes=10), EndTime=end)["TraceSummaries"]
        traces = [_documents(xray, [summary["Id"]]) for summary in summaries]
        return [row for rows in traces if any(_service(row) == service for row in rows) for row in rows]

    return _read_until(read, bool, deadline_s)


def _service(document: dict[str, Any]) -> str:
    return str(document.get("annotations", {}).get("Service", ""))


def _client(platform: Platform) -> Any:
    engine = platform.engine
    return boto3.client(
        "xray",
        endpoint_url=engine.xray_endpoint_url,
        region_name=engine.region,
        aws_access_key_id=engine.access_key,
        aws_secret_access_key=engine.secret_key,
    )


def _documents(xray: Any, traces: list[str]) -> list[dict[str, Any]]:
    answer = xray.batch_get_traces(TraceIds=traces)["Traces"]
    return [json.loads(segment.get("Document", "{}")) for one in answer for segment in one.get("Segments", ())]


def _read_until(
    read: Callable[[], list[dict[str, Any]]], enough: Callable[[list[dict[str, Any]]], bool], deadline_s: float
) -> list[dict[str, Any]]:
    end = time.monotonic() + deadline_s
    rows = read()
    while time.monotonic() < end and not enough(rows):
        threading.Event().wait(0.1)
        rows = read()
    return rows
