"""What a workflow says to the platform's own steps: each finding has a definition that gets it, good ones get none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.compiler import gate, workflow
from interlock.contract.manifest import Permissions
from interlock.contract.platform_step import PLANS

MAY = Permissions(emit=("report.sent",), secrets=("api_key",), egress=("api.example.com:443",))
URL = "https://api.example.com/v1"
Raw = dict[str, Any]


def task(step: str, value: Any, **more: Any) -> Raw:
    state = {"Type": "Task", "Resource": f"${{platform.{step}}}", "Parameters": value, "End": True, **more}
    return {"StartAt": "A", "States": {"A": state if value is not None else state | {"Parameters": None}}}


def found(raw: Raw) -> list[tuple[str, str]]:
    parsed = workflow.parse(json.dumps(raw), "w")
    assert isinstance(parsed, dict)
    rows = workflow.check(parsed, "w", {}, MAY)
    assert all(row.what and row.fix for row in rows)
    return [(row.code, row.where.partition("#")[2]) for row in rows]


BAD: dict[str, tuple[Raw, str, str]] = {
    "nothing said": (
        {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${platform.emit}", "End": True}}},
        "parameters",
        "A",
    ),
    "no name": (task("emit", {"data": {}}), "parameters", "A/name"),
    "not granted": (task("emit", {"name": "other.thing"}), "emit", "A/name"),
    "data no object": (task("emit", {"name": "report.sent", "data": 7}), "parameters", "A/data"),
    "unknown field": (task("http", {"url": URL, "verb": "GET"}), "parameters", "A/verb"),
    "no url": (task("http", {"method": "GET"}), "parameters", "A/url"),
    "method": (task("http", {"url": URL, "method": "TRACE"}), "parameters", "A/method"),
    "host not declared": (task("http", {"url": "https://evil.example/"}), "egress", "A/url"),
    "port not declared": (task("http", {"url": "http://api.example.com/"}), "egress", "A/url"),
    "no web url": (task("http", {"url": "ftp://api.example.com/"}), "url", "A/url"),
    "secret": (task("http", {"url": URL, "headers": {"X-Key": "secret:other"}}), "secret", "A/headers/X-Key"),
    "header break": (
        task("http", {"url": URL, "headers": {"X": "a\r\nY: b"}}),
        "parameters",
        "A/headers/X",
    ),
    "too long": (task("http", {"url": URL, "timeout": 61}), "parameters", "A/timeout"),
    "no question": (task("approve", {"approvers": ["admin"]}), "parameters", "A/question"),
    "nobody": (task("approve", {"question": "?", "approvers": []}), "parameters", "A/approvers"),
    "deadline": (task("approve", {"question": "?", "deadline": "3 days"}), "parameters", "A/deadline"),
    "deadline too short": (task("approve", {"question": "?", "deadline": 5}), "parameters", "A/deadline"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad(name: str) -> None:
    raw, code, where = BAD[name]
    assert (f"asl.platform-{code}", where) in found(raw)


GOOD: dict[str, Raw] = {
    "emit": task("emit", {"name": "report.sent", "data": {"count.$": "$.count"}}),
    "emit a computed name": task("emit", {"name.$": "$.name", "data.$": "$.data"}),
    "http": task("http", {"url": URL, "method": "POST", "headers": {"Authorization": "Bearer secret:api_key"}}),
    "http to a computed url": task("http", {"url.$": "States.Format('https://{}/', $.host)", "expect": "any"}),
    "approve": task("approve", {"question": "Send it?", "approvers": ["admin", "8f1c"], "deadline": "P3DT4H"}),
    "jsonata": {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Task",
                "Resource": "${platform.approve}",
                "Arguments": {"question": "{% 'Pay ' & $string($states.input.sum) %}", "deadline": 3600},
                "End": True,
            }
        },
    },
    "all of it computed": {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Resource": "${platform.emit}", "Arguments": "{% $states.input %}", "End": True}
        },
    },
    "workflow studio": task("x", None)
    | {
        "States": {
            "A": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${platform.emit}", "Payload": {"name": "report.sent"}},
                "End": True,
            }
        }
    },
}


@pytest.mark.parametrize("name", GOOD)
def test_good(name: str) -> None:
    assert found(GOOD[name]) == []


@pytest.mark.parametrize("step", PLANS)
def test_a_platform_step_passes_the_gate_as_any_other(step: str) -> None:
    raw = task(step.partition(".")[2], {"question": "?", "name": "report.sent"})
    states = gate.compile_workflow(raw, {})["States"]
    assert states["A"]["Resource"] == "${Gate}"
    assert states["A"]["Parameters"]["step"] == step
    assert states["A"]["TimeoutSeconds"] == PLANS[step].timeout_s


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(step=st.sampled_from(sorted(PLANS)), value=json_values)
def test_any_parameters_are_good_or_findings(step: str, value: Any) -> None:
    found(task(step.partition(".")[2], value))
