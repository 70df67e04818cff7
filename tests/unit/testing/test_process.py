"""A whole workflow in this process: steps, retries, waits, people, and the findings of what would not run on AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from interlock.asl.clock import MovedClock
from interlock.contract.core.failure import NotFound, Rejected
from interlock.testing.process import interpret_workflow

MANIFEST = """
[app]
id = "acme/orders"
version = "1.0.0"
title = "Orders"
category = "automation"

[permissions]
catalog = ["read", "write"]
emit = ["order.seen"]
state = true

[steps.load]
handler = "orders.steps:load"

[steps.save]
handler = "orders.steps:save"

[workflows.main]
definition = "workflows/main.asl.json"

[workflows.line]
steps = ["load", "save"]
"""
CODE = """
from interlock import Context, step


@step
def load(value: dict, ctx: Context) -> dict:
    tries = (ctx.state.get("tries") or 0) + 1
    ctx.state.put("tries", tries)
    if tries < value.get("good_at", 0):
        raise ConnectionError(f"try {tries}")
    return {"rows": [{"n": n} for n in range(value.get("rows", 2))]}


@step
def save(value: dict, ctx: Context) -> dict:
    ctx.emit("order.seen", {"n": len(value["rows"])})
    return {"saved": len(value["rows"])}
"""
LOAD: Any = {"Type": "Task", "Resource": "${load}", "Next": "Wait"}
RETRY = [{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 60, "MaxAttempts": 3}]
MAIN: Any = {
    "StartAt": "Load",
    "States": {
        "Load": LOAD | {"Retry": RETRY},
        "Wait": {"Type": "Wait", "Seconds": 3600, "Next": "Save"},
        "Save": {"Type": "Task", "Resource": "${save}", "End": True},
    },
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The folder of an app with two workflows."""
    (tmp_path / "orders").mkdir()
    (tmp_path / "workflows").mkdir()
    (tmp_path / "orders" / "__init__.py").write_text("")
    (tmp_path / "orders" / "steps.py").write_text(CODE)
    (tmp_path / "interlock.toml").write_text(MANIFEST)
    define(tmp_path, MAIN)
    return tmp_path


def define(folder: Path, definition: Any) -> None:
    (folder / "workflows" / "main.asl.json").write_text(json.dumps(definition))


def test_workflow_runs_with_retries_and_waits_on_the_clock(app: Path) -> None:
    ended = interpret_workflow(app, {"good_at": 3, "rows": 5})
    assert ended.output == {"saved": 5}
    assert ended.clock.passed == 60 + 120 + 3600
    assert [step.error.name if step.error else "" for step in ended.steps_of("Load")] == ["ConnectionError"] * 2 + [""]
    assert [event.name for event in ended.backend.emitted] == ["order.seen"]
    assert ended.visits_of("Load")[0].attempts == 3


@pytest.mark.parametrize(("field", "value"), [("SecondsPath", "soon"), ("TimestampPath", "2026-13-01")])
def test_wait_fails_as_its_compiled_form_does(app: Path, field: str, value: str) -> None:
    caught: dict[str, Any] = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], "End": True}
    wait = {"Type": "Wait", field: "$.at", "End": True}
    branch = {"StartAt": "Wait", "States": {"Wait": wait}}
    states = {"Both": {"Type": "Parallel", "Branches": [branch], **caught}, "Caught": {"Type": "Pass", "End": True}}
    define(app, {"StartAt": "Both", "States": states})
    assert interpret_workflow(app, {"at": value}).output["Error"] == "States.QueryEvaluationError"
    # With InputPath the Wait stays as it was written, and `States.ALL` does not take what it raises.
    wait["InputPath"] = "$"
    define(app, {"StartAt": "Both", "States": states})
    assert interpret_workflow(app, {"at": value}).error == "States.Runtime"


def test_workflow_that_is_a_list_of_steps_runs_too(app: Path) -> None:
    assert interpret_workflow(app, {"rows": 1}, workflow="line").output == {"saved": 1}


def test_failure_has_the_steps_error(app: Path) -> None:
    ended = interpret_workflow(app, {"good_at": 9})
    assert ended.error == "ConnectionError"
    with pytest.raises(AssertionError, match="try 4"):
        assert ended.output


def test_step_can_be_replaced_and_take_its_time(app: Path) -> None:
    clock = MovedClock()

    def slow(value: dict[str, Any]) -> dict[str, Any]:
        clock.move(1000)
        return {"rows": []}

    define(app, MAIN | {"States": MAIN["States"] | {"Load": LOAD | {"TimeoutSeconds": 60}}})
    ended = interpret_workflow(app, {}, steps={"load": slow}, clock=clock)
    assert ended.error == "States.Timeout"


def test_platform_step_needs_a_function(app: Path) -> None:
    ask = {
        "Type": "Task",
        "Resource": "${platform.approve}",
        "Parameters": {"question": "Go?"},
        "End": True,
    }
    define(app, {"StartAt": "Ask", "States": {"Ask": ask}})
    with pytest.raises(NotFound, match=r"platform.approve"):
        interpret_workflow(app)

    def agree(value: dict[str, Any]) -> dict[str, Any]:
        return {"approved": True, "seen": value["question"]}

    answered = interpret_workflow(app, steps={"platform.approve": agree})
    assert answered.output == {"approved": True, "seen": "Go?"}


def test_workflow_in_the_studios_form_gets_a_payload(app: Path) -> None:
    parameters = {"FunctionName": "${load}", "Payload": {"rows": 3}}
    load = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": parameters,
        "OutputPath": "$.Payload",
    }
    define(app, {"StartAt": "Load", "States": {"Load": load | {"End": True}}})
    assert interpret_workflow(app).output == {"rows": [{"n": 0}, {"n": 1}, {"n": 2}]}


def test_definition_that_aws_refuses_is_rejected(app: Path) -> None:
    define(app, {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "a.b", "End": True}}})
    with pytest.raises(Rejected) as caught:
        interpret_workflow(app)
    assert [row.code for row in caught.value.findings] == ["asl.expression"]


def test_absent_workflow_names_those_that_exist(app: Path) -> None:
    with pytest.raises(NotFound) as caught:
        interpret_workflow(app, workflow="other")
    assert caught.value.next_step == "Use one of: main, line."
