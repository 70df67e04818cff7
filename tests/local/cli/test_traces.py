"""Each run is one trace: the gate's segments and the steps' below them, by the trace id of the run item."""

from __future__ import annotations

from interlock.local.platform import Platform
from tests.support.cli import Cli, Write
from tests.support.traces import documents, documents_of_service


def test_a_run_is_one_trace(cli: Cli, app: Write, platform: Platform) -> None:
    cli.ok("app", "publish", str(app("traced")))
    cli.ok("install", "add", "acme/traced", "--yes")
    run = cli.ok("run", "start", "acme/traced", "--workflow", "hello", "--wait")
    result = documents(platform, run["trace"], 4)
    gates = {row["id"]: row for row in result if row["name"] == "gate"}
    steps = [row for row in result if row["name"].startswith("step ")]
    assert sorted(row["name"] for row in steps) == ["step greet", "step shout"]
    assert {row["parent_id"] for row in steps} == set(gates)
    assert {row["annotations"]["run"] for row in result} == {run["id"]}
    assert {row["annotations"]["tenant"] for row in result} == {"globex"}

    shown = cli.ok("run", "show", run["id"], "--trace")
    assert [(row["name"], row["depth"]) for row in shown["rows"]] == [
        ("gate", 0),
        ("step greet", 1),
        ("gate", 0),
        ("step shout", 1),
    ]
    assert [row["state"] for row in shown["rows"]] == ["greet", "greet", "shout", "shout"]
    assert cli("run", "show", run["id"], "--trace").out.count("━") >= 4

    fields = ("--workflow", "bad", "--input", '{"do": "raise", "name": "x"}', "--wait")
    failed = cli("run", "start", "acme/traced", *fields, "--json").json
    documents(platform, failed["trace"], 2)
    rows = cli.ok("run", "show", failed["id"], "--trace")["rows"]
    assert [row["error"] for row in rows] == ["LookupError", "LookupError"]
    assert all(row["frame"].startswith("hello/steps.py:") for row in rows)
    assert "x" not in {row["annotations"].get("message") for row in rows}


def test_a_call_of_the_api_is_traced_with_its_aws_calls(cli: Cli, platform: Platform) -> None:
    cli.ok("install", "list")
    rows = documents_of_service(platform, "interlock-api")
    handlers = {row["id"] for row in rows if row["name"] == "## handler"}
    assert {row["name"] for row in rows if row["parent_id"] in handlers} >= {"dynamodb"}
