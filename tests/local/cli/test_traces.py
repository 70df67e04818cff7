"""Each run is one trace: the gate's segments and the steps' below them, by the trace id of the run item."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import boto3

from interlock.local.platform import Platform
from tests.local.conftest import Cli, Write


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
    found: list[dict[str, Any]] = []
    while time.monotonic() < end and len(found) < wanted:
        threading.Event().wait(0.1)
        traces = xray.batch_get_traces(TraceIds=[trace])["Traces"]
        found = [json.loads(segment["Document"]) for one in traces for segment in one["Segments"]]
    return found


def test_a_run_is_one_trace(cli: Cli, app: Write, platform: Platform) -> None:
    cli.ok("app", "publish", str(app("traced")))
    cli.ok("install", "add", "acme/traced", "--yes")
    run = cli.ok("run", "start", "acme/traced", "--workflow", "hello", "--wait")
    found = documents(platform, run["trace"], 4)
    gates = {row["id"]: row for row in found if row["name"] == "gate"}
    steps = [row for row in found if row["name"].startswith("step ")]
    assert sorted(row["name"] for row in steps) == ["step greet", "step shout"]
    assert {row["parent_id"] for row in steps} == set(gates)
    assert {row["annotations"]["run"] for row in found} == {run["id"]}
    assert {row["annotations"]["tenant"] for row in found} == {"globex"}

    shown = cli.ok("run", "show", run["id"], "--trace")
    assert [(row["name"], row["depth"]) for row in shown["rows"]] == [
        ("gate", 0),
        ("step greet", 1),
        ("gate", 0),
        ("step shout", 1),
    ]
    assert [row["state"] for row in shown["rows"]] == ["greet", "greet", "shout", "shout"]
    assert cli("run", "show", run["id"], "--trace").out.count("━") >= 4

    words = ("--workflow", "bad", "--input", '{"do": "raise", "name": "x"}', "--wait")
    failed = cli("run", "start", "acme/traced", *words, "--json").json
    documents(platform, failed["trace"], 2)
    rows = cli.ok("run", "show", failed["id"], "--trace")["rows"]
    assert [row["error"] for row in rows] == ["LookupError", "LookupError"]
    assert all(row["frame"].startswith("hello/steps.py:") for row in rows)
    assert "x" not in {row["annotations"].get("message") for row in rows}
