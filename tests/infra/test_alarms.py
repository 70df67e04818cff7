"""Alarms: one for each promise, each with a row of the runbook and somebody who gets it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from tests.support.stacks import ROOT

Templates = dict[str, dict[str, Any]]
RUNBOOK = ROOT / "docs" / "runbook.md"
STACK = "interlock-observability"


def _alarms(templates: Templates) -> dict[str, dict[str, Any]]:
    resources = templates[STACK]["Resources"].values()
    return {one["Properties"]["AlarmName"]: one["Properties"] for one in resources if one["Type"].endswith("::Alarm")}


def test_alarm_has_a_row_of_the_runbook(aws: Templates) -> None:
    rows = re.findall(r"^\| `(interlock: [^`]+)` \|", RUNBOOK.read_text(), re.M)
    patterns = [row.replace("NAME", "*") for row in rows]
    alarms = _alarms(aws)
    assert len(alarms) >= 50
    assert [name for name in alarms if not any(fnmatchcase(name, pattern) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in alarms)] == []


def test_alarm_says_where_to_read_and_goes_to_the_topic(aws: Templates) -> None:
    for name, alarm in _alarms(aws).items():
        assert "docs/runbook.md" in alarm["AlarmDescription"], name
        assert len(alarm["AlarmActions"]) == 1, name


def test_every_workflow_function_and_queue_is_watched(aws: Templates) -> None:
    alarms = _alarms(aws)
    machines = {path.name.partition(".")[0] for path in (ROOT / "statemachines").glob("*.json")}
    assert {f"interlock: {name} failures" for name in machines} <= set(alarms)
    functions = {path.parent.name.replace("_", "-") for path in (ROOT / "functions").glob("*/handler.py")}
    assert {f"interlock: errors {name}" for name in functions - {"gate", "platform-step"}} <= set(alarms)
    queues = {
        str(one["Properties"]["QueueName"])
        for template in aws.values()
        for one in template["Resources"].values()
        if one["Type"] == "AWS::SQS::Queue"
    }
    late = {f"interlock: late {name.removeprefix('interlock-')}" for name in queues if not name.endswith("-dead")}
    clocks = {
        re.sub("^interlock-", "", str(one["Properties"]["FunctionName"]))
        for template in aws.values()
        for key, one in template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function" and _is_clock(template, key)
    }
    assert len(clocks) == 5
    assert {f"interlock: clock {name}" for name in clocks} <= set(alarms)
    # An alert is tried for five hours, so its age says nothing; what was given up is in alerts-dead.
    assert late - {"interlock: late alerts"} <= set(alarms)


def _is_clock(template: dict[str, Any], function: str) -> bool:
    configs = [one for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::EventInvokeConfig"]
    return any(one["Properties"]["FunctionName"] == {"Ref": function} for one in configs)


def test_address_is_subscribed_where_one_is_set(aws: Templates, with_options: Templates) -> None:
    def addresses(templates: Templates) -> list[str]:
        resources = templates[STACK]["Resources"].values()
        return [one["Properties"]["Endpoint"] for one in resources if one["Type"] == "AWS::SNS::Subscription"]

    assert addresses(aws) == []
    assert addresses(with_options) == ["ops@example.com"]
