"""Each run is one trace: its own segment and one below it for each attempt, by the trace id of the run item."""

from __future__ import annotations

import json

from interlock.local.platform import Platform
from tests.support.cli import Cli, Write
from tests.support.traces import documents, documents_of_service


def test_a_run_is_one_trace(cli: Cli, app: Write, platform: Platform) -> None:
    cli.ok("app", "publish", str(app("traced")))
    cli.ok("install", "add", "acme/traced", "--yes")
    run = cli.ok("run", "start", "acme/traced", "--workflow", "hello", "--wait")
    sent = documents(platform, run["trace"], 3)
    (whole,) = (row for row in sent if row["name"] == "interlock-run")
    steps = [row for row in sent if row["name"].startswith("step ")]
    assert sorted(row["name"] for row in steps) == ["step greet", "step shout"]
    assert {row["parent_id"] for row in steps} == {whole["id"]}
    assert {(row["annotations"]["run"], row["annotations"]["tenant"]) for row in sent} == {(run["id"], "globex")}
    assert all(whole["start_time"] <= row["start_time"] <= row["end_time"] for row in steps)

    shown = cli.ok("run", "show", run["id"], "--trace")
    assert [(row["name"], row["depth"]) for row in shown["rows"]] == [
        ("interlock-run", 0),
        ("step greet", 1),
        ("step shout", 1),
    ]
    assert [row["state"] for row in shown["rows"]] == ["", "greet", "shout"]
    assert cli("run", "show", run["id"], "--trace").out.count("━") >= 3


def test_a_failed_run_has_its_frame_and_no_message_in_the_trace(cli: Cli, app: Write, platform: Platform) -> None:
    cli.ok("app", "publish", str(app("faulty")))
    cli.ok("install", "add", "acme/faulty", "--yes")
    fields = ("--workflow", "bad", "--input", '{"do": "raise", "name": "told-to-nobody"}', "--wait")
    failed = cli("run", "start", "acme/faulty", *fields, "--json").json
    sent = documents(platform, failed["trace"], 2)
    assert all(row["fault"] for row in sent)
    assert "told-to-nobody" not in json.dumps(sent)
    rows = cli.ok("run", "show", failed["id"], "--trace")["rows"]
    assert [row["error"] for row in rows] == ["LookupError", "LookupError"]
    assert all(row["frame"].startswith("hello/steps.py:") for row in rows)


def test_a_call_of_the_api_is_traced_with_its_aws_calls(cli: Cli, platform: Platform) -> None:
    cli.ok("install", "list")
    rows = documents_of_service(platform, "interlock-api")
    handlers = {row["id"] for row in rows if row["name"] == "## handler"}
    assert {row["name"] for row in rows if row["parent_id"] in handlers} >= {"dynamodb"}
