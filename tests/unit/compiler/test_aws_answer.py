"""AWS's answer to a compiled definition, as findings at the app's own places."""

import json

import pytest

from interlock.compiler.aws_answer import Diagnostic, aws_findings
from interlock.compiler.gate import canonical, compile_workflow
from interlock.contract.core.finding import Severity

INNER = {"StartAt": "In", "States": {"In": {"Type": "Task", "Resource": "${a}", "End": True}}}
RAW = {
    "StartAt": "a/b",
    "States": {
        "a/b": {"Type": "Task", "Resource": "${a}", "Parameters": {"x": 1}, "Next": "Each"},
        "Each": {"Type": "Map", "ItemProcessor": INNER, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [json.loads(json.dumps(INNER).replace("In", "Out"))], "End": True},
    },
}
DEFINITION = canonical(compile_workflow(RAW, {"a": 10}))
PLACES = {
    "": "w.asl.json",
    "/StartAt": "w.asl.json#StartAt",
    "/States/a~1b/Parameters/input/x": "w.asl.json#a/b/Parameters/x",
    "/States/a/b/Parameters/run.$": "w.asl.json#a/b/Parameters",
    "/States/a~1b/Retry/0/MaxAttempts": "w.asl.json#a/b",
    "/States/a~1b/Retry/1/MaxAttempts": "w.asl.json#a/b",
    "/States/a~1b/Retry/2/MaxAttempts": "w.asl.json#a/b/Retry/0/MaxAttempts",
    "/States/a~1b/Catch/1/Next": "w.asl.json#a/b/Catch/0/Next",
    "/States/Stop 1 (paused)/Parameters": "w.asl.json",
    "/States/Each/ItemProcessor/States/In/End": "w.asl.json#In/End",
    "/States/Each/ItemProcessor/StartAt": "w.asl.json#Each/ItemProcessor/StartAt",
    "/States/Both/Branches/0/States/Stop 3 (paused)/Retry": "w.asl.json",
    "/States/Both/Branches/9/States/Out/Retry/x": "w.asl.json#Out/Retry/x",
    "/States": "w.asl.json#States",
    "/States/Gone/Next": "w.asl.json#Gone/Next",
    "//": "w.asl.json",
}


@pytest.mark.parametrize("location", PLACES)
def test_a_location_of_aws_is_the_apps_own_place(location: str) -> None:
    (finding,) = aws_findings([Diagnostic(code="X", message="m", location=location)], DEFINITION, "w.asl.json")
    assert finding.where == PLACES[location]


def test_severities_of_aws_are_errors_and_warnings() -> None:
    rows = [Diagnostic(severity=word, code="C", message="why") for word in ("ERROR", "WARNING", "ERROR")]
    findings = aws_findings(rows, DEFINITION, "interlock.toml#workflows.all")
    assert [(row.code, row.severity) for row in findings] == [
        ("asl.aws-refused", Severity.ERROR),
        ("asl.aws-warning", Severity.WARNING),
    ]
    assert findings[0].what == "Step Functions refuses the definition (C): why"
    (listed,) = aws_findings([Diagnostic(location="/States/In/End")], DEFINITION, "interlock.toml#workflows.all")
    assert listed.where == "interlock.toml#workflows.all/In/End"
