"""What AWS refuses is a finding, what it accepts is not, and no definition of any shape makes the compiler fail."""

import json
import random
from pathlib import Path
from typing import Any, cast

import pytest

from interlock.compiler import workflow
from interlock.contract.core.finding import Finding, Severity
from scripts.fuzzing.definitions import checked_and_compiled, mutated, shipped, steps_of

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT.parent / "shared" / "cases" / "asl" / "refused.json"
STEPS = {"f": 60}
SEED = 20_261_126
MUTATIONS = 2_500
TASK: Any = {"Type": "Task", "Resource": "${f}", "End": True}
PASS: Any = {"Type": "Pass", "End": True}
INNER: Any = {"StartAt": "I", "States": {"I": PASS}}


def errors_of(definition: Any) -> list[Finding]:
    parsed = workflow.parse(json.dumps(definition), "w.asl.json")
    findings = parsed if isinstance(parsed, tuple) else workflow.check(parsed, "w.asl.json", STEPS)
    return errors_in(findings)


def errors_in(findings: tuple[Finding, ...]) -> list[Finding]:
    return [row for row in findings if row.severity is Severity.ERROR]


def single(state: Any, **more: Any) -> Any:
    return {"StartAt": "A", "States": {"A": state}, **more}


def rule(**fields: Any) -> Any:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "B", **fields}], "Default": "B"}
    return {"StartAt": "A", "States": {"A": choice, "B": {"Type": "Succeed"}}}


REFUSED: dict[str, Any] = {
    "a number as a path": single(PASS | {"Parameters": {"x.$": 5}}),
    "a path of a deep list": single(PASS | {"Parameters": {"x": [[{"y.$": "a.b"}]]}}),
    "a result in a slice": single(TASK | {"ResultPath": "$.a[0:2]"}),
    "a result in the context": single(TASK | {"ResultPath": "$$.Execution"}),
    "a result in a variable": single(TASK | {"ResultPath": "$x.y"}),
    "an intrinsic as a path": single(PASS | {"OutputPath": "States.UUID()"}),
    "an open quote": single(PASS | {"Parameters": {"x.$": "States.Format('a)"}}),
    "an unknown escape": single(PASS | {"Parameters": {"x.$": r"States.StringToJson('\x')"}}),
    "an unknown inner function": single(PASS | {"Parameters": {"x.$": "States.Array(States.Foo($.a))"}}),
    "a variable in an intrinsic": single(PASS | {"Assign": {"x.$": "States.Array($y[)"}}),
    "a bad time": single({"Type": "Wait", "Timestamp": "2016-12-05 21:29:29", "End": True}),
    "seconds in quotes": single({"Type": "Wait", "Seconds": "5", "End": True}),
    "seconds above the limit": single({"Type": "Wait", "Seconds": 100_000_000, "End": True}),
    "a timeout in quotes": single(TASK | {"TimeoutSeconds": "5"}),
    "a concurrency below 0": single({"Type": "Map", "MaxConcurrency": -1, "ItemProcessor": INNER, "End": True}),
    "an error and its path": single({"Type": "Fail", "Error": "x", "ErrorPath": "$.e"}),
    "two names of a processor": single({"Type": "Map", "ItemProcessor": INNER, "Iterator": INNER, "End": True}),
    "two selectors": single({"Type": "Map", "ItemSelector": {}, "Parameters": {}, "ItemProcessor": INNER, "End": True}),
    "a text that is a number": rule(StringEquals=1),
    "a test that is a text": rule(IsPresent="true"),
    "a comparison with no time": rule(TimestampEquals="noon"),
    "a comparison with no path": rule(StringEqualsPath="b"),
    "a variable that is no path": rule(Variable="a", IsNull=True),
    "a next that is a list": rule(Next=["B"], IsNull=True),
    "a reserved variable": single(PASS | {"Assign": {"states": 1}}),
    "a variable of the compiler": single(PASS | {"Assign": {"interlock_stop_1.$": "$"}}),
    "a variable with a hyphen": single(PASS | {"Assign": {"a-b": 1}}),
    "a long variable": single(PASS | {"Assign": {"a" * 81: 1}}),
    "eval": single(PASS | {"Output": "{% $eval('1') %}"}, QueryLanguage="JSONata"),
    "a newer operator": single(PASS | {"Output": "{% $x ?? 1 %}"}, QueryLanguage="JSONata"),
    "a wrong regular expression": single(PASS | {"Output": "{% $match('a', /(/) %}"}, QueryLanguage="JSONata"),
    "a result of a Pass": single(PASS | {"Output": "{% $states.result %}"}, QueryLanguage="JSONata"),
    "an error outside a Catch": single(TASK | {"Output": "{% $states.errorOutput %}"}, QueryLanguage="JSONata"),
    "an unknown field of states": single(PASS | {"Output": "{% $states.inputs %}"}, QueryLanguage="JSONata"),
    "a bare field": single(PASS | {"Output": "{% foo.bar %}"}, QueryLanguage="JSONata"),
    "arguments that are a number": single(TASK | {"Arguments": 5}, QueryLanguage="JSONata"),
    "a Result in JSONata": single(PASS | {"Result": 5}, QueryLanguage="JSONata"),
    "a cap below the interval": single(
        TASK | {"Retry": [{"ErrorEquals": ["X"], "IntervalSeconds": 10, "MaxDelaySeconds": 5}]}
    ),
    "an end in quotes": single({"Type": "Pass", "End": "true"}),
    "attempts in quotes": single(TASK | {"Retry": [{"ErrorEquals": ["X"], "MaxAttempts": "3"}]}),
    "items that are a text": single(
        {"Type": "Map", "Items": "rows", "ItemProcessor": INNER, "End": True}, QueryLanguage="JSONata"
    ),
    "a selector that is a number": single(
        {"Type": "Map", "ItemSelector": 5, "ItemProcessor": INNER, "End": True}, QueryLanguage="JSONata"
    ),
    "an empty expression": single(PASS | {"Output": "{% %}"}, QueryLanguage="JSONata"),
    "an inner rule that assigns": {
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Choice",
                "Choices": [{"Not": {"Variable": "$.a", "IsNull": True, "Assign": {"x": 1}}, "Next": "B"}],
                "Default": "B",
            },
            "B": {"Type": "Succeed"},
        },
    },
    "a version of the branch": single({"Type": "Parallel", "Branches": [{**INNER, "Version": "1.0"}], "End": True}),
    "another version": single(PASS, Version="2.0"),
    "a control character": {"StartAt": "A\n", "States": {"A\n": PASS}},
    "an empty name": {"StartAt": "", "States": {"": PASS}},
    "items by a filter": single({"Type": "Map", "ItemsPath": "$.a[?(@.b)]", "ItemProcessor": INNER, "End": True}),
}

ACCEPTED: dict[str, Any] = {
    "a parameter named Path": single(
        TASK | {"Parameters": {"LogPath": "/var/log", "FilePath.$": "$.p", "Variable": "x"}}
    ),
    "a filter in Parameters": single(PASS | {"Parameters": {"x.$": "$.a[?(@.b == 'c' && @.d > 1)].e"}}),
    "an intrinsic as a cause": single({"Type": "Fail", "CausePath": "States.Format('{}', $.why)"}),
    "a null ResultPath": single(TASK | {"ResultPath": None, "InputPath": None}),
    "a text without holes": single(PASS | {"Parameters": {"x.$": "States.Format('plain')"}}),
    "a whole number as a rate": single(TASK | {"Retry": [{"ErrorEquals": ["X"], "BackoffRate": 2}]}),
    "keys of a Result": single(PASS | {"Result": {"x.$": 5, "Path": 1}}),
    "a literal in JSONPath": single(PASS | {"Parameters": {"x": "{% foo %}"}}),
    "seconds of an expression": single(
        {"Type": "Wait", "Seconds": "{% $states.input.n %}", "End": True}, QueryLanguage="JSONata"
    ),
    "a result of a Task": single(
        TASK
        | {
            "Output": "{% $states.result.rows[n > 1].n %}",
            "Assign": {"x": "{% $map($states.result, function($v){$v.a}) %}"},
        },
        QueryLanguage="JSONata",
    ),
    "an error of a Catch": {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": TASK
            | {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "Output": "{% $states.errorOutput.Error %}"}]},
            "B": {"Type": "Succeed"},
        },
    },
    "a variable as items": single({"Type": "Map", "ItemsPath": "$rows.all", "ItemProcessor": INNER, "End": True}),
    "a context path in a rule": rule(StringEqualsPath="$$.State.Name"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_definition_that_aws_refuses_is_a_finding(name: str) -> None:
    findings = errors_of(REFUSED[name])
    assert findings
    assert all(row.what and row.fix.endswith((".", "Z")) for row in findings)


@pytest.mark.parametrize("name", ACCEPTED)
def test_definition_that_aws_accepts_has_no_finding(name: str) -> None:
    assert errors_of(ACCEPTED[name]) == []


@pytest.mark.skipif(not CASES.exists(), reason="shared cases: refused.json")
def test_shared_definitions_are_refused() -> None:
    cases = cast(list[dict[str, Any]], json.loads(CASES.read_text()))
    accepted = [case["name"] for case in cases if not errors_of(case["definition"])]
    assert len(accepted) <= len(cases) // 20, accepted


def test_findings_of_structure_and_expressions_come_together() -> None:
    both = single(PASS | {"Nexts": "B", "Parameters": {"x.$": "a"}})
    assert {row.code for row in errors_of(both)} == {"asl.structure", "asl.expression"}


def test_mutated_definitions_never_make_the_compiler_fail() -> None:
    chance = random.Random(SEED)
    definitions = [*shipped(), *REFUSED.values(), *ACCEPTED.values()]
    steps = steps_of(definitions)
    for number in range(MUTATIONS):
        definition = mutated(chance.choice(definitions), chance)
        try:
            findings = checked_and_compiled(definition, steps)
        except Exception as error:
            raise AssertionError(f"mutation {number} of seed {SEED}: {definition!r}") from error
        assert all(row.what and row.fix for row in findings)
