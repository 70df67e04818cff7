"""Each finding of a workflow has a definition that must get it, and good definitions get none."""

import json
from typing import Any

import pytest

from interlock.compiler import workflow
from interlock.contract.core import limits
from interlock.contract.core.finding import Severity

STEPS = {"classify": 60, "write_tags": 30}
Raw = dict[str, Any]
TASK: Raw = {"Type": "Task", "Resource": "${classify}", "End": True}
STUDIO = "arn:aws:states:::lambda:invoke"


def machine(**states: Raw) -> Raw:
    return {"StartAt": next(iter(states)), "States": states}


def found(raw: Raw | str) -> list[tuple[str, str, Severity]]:
    text = raw if isinstance(raw, str) else json.dumps(raw)
    parsed = workflow.parse(text, "w.asl.json")
    findings = parsed if isinstance(parsed, tuple) else workflow.check(parsed, "w.asl.json", STEPS)
    assert all(row.what and row.fix and row.where.startswith("w.asl.json") for row in findings)
    return [(row.code, row.where.partition("#")[2], row.severity) for row in findings]


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


def choice(*rules: Raw, **more: Any) -> Raw:
    return machine(C={"Type": "Choice", "Choices": list(rules), "Default": "T", **more}, T=TASK)


BAD: dict[str, tuple[Raw | str, str, str]] = {
    "not json": ("{", "json", ""),
    "a list": ("[]", "json", ""),
    "NaN": ('{"a": NaN}', "json", ""),
    "a key twice": ('{"StartAt": "A", "StartAt": "B", "States": {}}', "json", ""),
    "deep": (nested(300), "json", ""),
    "very deep": (nested(100_000), "json", ""),
    "over 1 MB": (json.dumps({"Comment": "x" * limits.SFN_DEFINITION_BYTES}), "size", ""),
    "no states": ({"StartAt": "A", "States": {}}, "structure", "States"),
    "unknown field": (machine(A=TASK | {"Resources": "x"}), "structure", "States/A/Resources"),
    "unknown type": (machine(A={"Type": "Loop"}), "structure", "States/A"),
    "distributed": (
        machine(
            M={
                "Type": "Map",
                "End": True,
                "ItemProcessor": machine(A=TASK) | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}},
            }
        ),
        "structure",
        "States/M/ItemProcessor/ProcessorConfig/Mode",
    ),
    "resolve": (machine(A=TASK | {"Parameters": {"x": "{{resolve:ssm:p}}"}}), "resolve", "States/A/Parameters/x"),
    "substitution": (
        machine(A=TASK | {"Parameters": {"x": "${Gate}"}}),
        "substitution",
        "States/A/Parameters/x",
    ),
    "name twice": (
        machine(P={"Type": "Parallel", "End": True, "Branches": [machine(A=TASK), machine(A=TASK)]}),
        "name-twice",
        "A",
    ),
    "map of nothing": (machine(M={"Type": "Map", "End": True}), "map", "M"),
    "long name": (machine(**{"x" * 72: TASK}), "name-long", "x" * 72),
    "reserved name": (machine(**{"A (paused)": TASK}), "name-reserved", "A (paused)"),
    "no start": ({"StartAt": "B", "States": {"A": TASK}}, "dangling", "StartAt"),
    "dangling": (machine(A={"Type": "Pass", "Next": "B"}), "dangling", "A"),
    "dangling catch": (
        machine(A=TASK | {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]}),
        "dangling",
        "A",
    ),
    "out of a branch": (
        machine(P={"Type": "Parallel", "Next": "Z", "Branches": [machine(A={"Type": "Pass", "Next": "Z"})]}, Z=TASK),
        "dangling",
        "A",
    ),
    "neither next nor end": (machine(A={"Type": "Pass"}), "end", "A"),
    "next and end": (machine(A={"Type": "Pass", "Next": "B", "End": True}, B=TASK), "end", "A"),
    "rule without next": (choice({"Variable": "$.a", "IsNull": True}), "end", "C"),
    "unreachable": (machine(A=TASK, B=TASK), "unreachable", "B"),
    "endless": (machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}), "loop", "A"),
    "a choice that stays": (
        machine(
            A={"Type": "Pass", "Next": "C"},
            C={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "A"}], "Default": "A"},
        ),
        "loop",
        "A",
    ),
    "path in jsonata": (
        machine(A=TASK | {"QueryLanguage": "JSONata", "InputPath": "$.a"}),
        "language",
        "A/InputPath",
    ),
    "arguments in jsonpath": (machine(A=TASK | {"Arguments": {}}), "language", "A/Arguments"),
    "jsonpath in jsonata": (
        machine(A=TASK | {"QueryLanguage": "JSONPath"}) | {"QueryLanguage": "JSONata"},
        "language",
        "A",
    ),
    "bad jsonata": (
        machine(A=TASK | {"QueryLanguage": "JSONata", "Output": "{% $a + %}"}),
        "expression",
        "A/Output",
    ),
    "half jsonata": (machine(A=TASK | {"QueryLanguage": "JSONata", "Output": "{% $a"}), "expression", "A/Output"),
    "bad path": (machine(A=TASK | {"Parameters": {"x.$": "a.b"}}), "expression", "A/Parameters/x.$"),
    "unknown intrinsic": (
        machine(A=TASK | {"Parameters": {"x.$": "States.Now()"}}),
        "expression",
        "A/Parameters/x.$",
    ),
    "volatile": (machine(A=TASK | {"Parameters": {"x.$": "States.UUID()"}}), "volatile", "A/Parameters/x.$"),
    "many retries": (
        machine(A=TASK | {"Retry": [{"ErrorEquals": ["X"], "MaxAttempts": 101}]}),
        "retry",
        "A/Retry/0",
    ),
    "all not last": (
        machine(A=TASK | {"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}]}),
        "all",
        "A/Retry/0",
    ),
    "all not alone": (
        machine(A=TASK | {"Catch": [{"ErrorEquals": ["X", "States.ALL"], "Next": "B"}]}, B=TASK),
        "all",
        "A/Catch/0",
    ),
    "heartbeat": (machine(A=TASK | {"HeartbeatSeconds": 5}), "heartbeat", "A/HeartbeatSeconds"),
    "credentials": (machine(A=TASK | {"Credentials": {"RoleArn": "r"}}), "credentials", "A/Credentials"),
    "long timeout": (machine(A=TASK | {"TimeoutSeconds": 841}), "timeout", "A/TimeoutSeconds"),
    "an ARN": (
        machine(A=TASK | {"Resource": "arn:aws:lambda:eu-west-1:1:function:x"}),
        "resource",
        "A/Resource",
    ),
    "an SDK integration": (
        machine(A=TASK | {"Resource": "arn:aws:states:::aws-sdk:s3:getObject"}),
        "resource",
        "A/Resource",
    ),
    "an ARN in the studio's form": (
        machine(A=TASK | {"Resource": STUDIO, "Parameters": {"FunctionName": "arn:aws:lambda:x"}}),
        "resource",
        "A/Resource",
    ),
    "a callback": (machine(A=TASK | {"Resource": f"{STUDIO}.waitForTaskToken"}), "resource", "A/Resource"),
    "a platform step": (machine(A=TASK | {"Resource": "${platform.emit}"}), "platform-parameters", "A"),
    "an unknown step": (machine(A=TASK | {"Resource": "${clasify}"}), "unknown-step", "A/Resource"),
    "a field of invoke": (
        machine(A=TASK | {"Resource": STUDIO, "Parameters": {"FunctionName": "${classify}", "Qualifier": "1"}}),
        "invoke-field",
        "A/Qualifier",
    ),
    "a rule that compares nothing": (choice({"Variable": "$.a", "Next": "T"}), "choice", "C/Choices/0"),
    "a rule that compares twice": (
        choice({"Variable": "$.a", "IsNull": True, "IsString": True, "Next": "T"}),
        "choice",
        "C/Choices/0",
    ),
    "an unknown comparison": (choice({"Variable": "$.a", "Like": 1, "Next": "T"}), "choice", "C/Choices/0"),
    "a rule inside with next": (
        choice({"And": [{"Variable": "$.a", "IsNull": True, "Next": "T"}], "Next": "T"}),
        "choice",
        "C/Choices/0/And/0",
    ),
    "an empty and": (choice({"And": [], "Next": "T"}), "choice", "C/Choices/0/And"),
    "a join and more": (
        choice({"Not": {}, "Or": [], "Next": "T"}),
        "choice",
        "C/Choices/0",
    ),
    "no rule": (choice({"Next": "T"}), "choice", "C/Choices/0"),
    "no condition": (
        choice({"Variable": "$.a", "IsNull": True, "Next": "T"}, QueryLanguage="JSONata"),
        "choice",
        "C/Choices/0",
    ),
    "a wait for nothing": (machine(W={"Type": "Wait", "End": True}), "wait", "W"),
    "a wait for two things": (machine(W={"Type": "Wait", "Seconds": 1, "Timestamp": "x", "End": True}), "wait", "W"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_workflow_has_exactly_its_findings(name: str) -> None:
    raw, code, where = BAD[name]
    findings = found(raw)
    assert {row[0] for row in findings} == {f"asl.{code}"}
    assert any(row[1].startswith(where) for row in findings), findings
    assert all((row[2] is Severity.WARNING) == (code == "volatile") for row in findings)


GOOD: dict[str, Raw] = {
    "one task": machine(A=TASK),
    "studio": machine(
        A={
            "Type": "Task",
            "Resource": STUDIO,
            "Parameters": {"FunctionName": "${classify}", "Payload.$": "$"},
            "OutputPath": "$.Payload",
            "Retry": [{"ErrorEquals": ["Lambda.ServiceException"], "JitterStrategy": "FULL", "MaxDelaySeconds": 5}],
            "End": True,
        }
    ),
    "jsonata": machine(
        A={
            "Type": "Task",
            "Resource": "${classify}",
            "Arguments": {"x": "{% $states.input.a[0] %}"},
            "Assign": {"n": "{% $n + 1 %}"},
            "Output": "{% $states.result %}",
            "Next": "C",
        },
        C={"Type": "Choice", "Choices": [{"Condition": "{% $n < 3 %}", "Next": "A"}], "Default": "Done"},
        Done={"Type": "Succeed"},
    )
    | {"QueryLanguage": "JSONata", "TimeoutSeconds": 60},
    "choices": machine(
        C={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.a", "StringEquals": "x", "Next": "T"},
                {
                    "And": [{"Variable": "$.a", "IsPresent": True}, {"Not": {"Variable": "$.b", "IsNull": True}}],
                    "Next": "T",
                },
                {"Variable": "$.n", "NumericGreaterThanEqualsPath": "$.m", "Next": "F"},
            ],
            "Default": "W",
        },
        W={"Type": "Wait", "SecondsPath": "$.s", "Next": "T"},
        T=TASK,
        F={"Type": "Fail", "Error": "Bad", "CausePath": "$.why"},
    ),
    "map in a parallel": machine(
        P={
            "Type": "Parallel",
            "Branches": [
                machine(
                    M={
                        "Type": "Map",
                        "ItemsPath": "$.rows",
                        "ItemSelector": {"row.$": "$$.Map.Item.Value", "at.$": "States.Format('{}', $.n)"},
                        "ItemProcessor": machine(A=TASK) | {"ProcessorConfig": {"Mode": "INLINE"}},
                        "MaxConcurrency": 5,
                        "End": True,
                    }
                ),
                machine(Old={"Type": "Map", "Iterator": machine(B=TASK), "End": True}),
            ],
            "Catch": [{"ErrorEquals": ["Interlock.StepTimeout", "Broken"], "ResultPath": "$.e", "Next": "F"}],
            "Next": "S",
        },
        F={"Type": "Pass", "Result": {"a": 1}, "Next": "S"},
        S={"Type": "Succeed"},
    ),
    "jsonata in jsonpath": machine(A=TASK | {"QueryLanguage": "JSONata", "Output": {"x": "{% 1 + 1 %}"}}),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_right_workflow_has_no_finding(name: str) -> None:
    assert found(GOOD[name]) == []


def test_findings_come_in_one_order() -> None:
    raw = machine(A=TASK, **{name: TASK for name in "ZYXB"})
    assert [row[1] for row in found(raw)] == ["B", "X", "Y", "Z"]
