"""The states in which a level waits: few, in the workflow's language, with a variable that no other level has."""

from typing import Any

from interlock.compiler import gate, workflow
from interlock.compiler.pause_states import CALLBACK, COMMENT, PAUSE_RETRY

TASK = {"Type": "Task", "Resource": "${work}"}
STEPS = {"work": 60}
ODD = 'a "b" \\ $c {% é \U0001f600'


def compiled(raw: dict[str, Any]) -> dict[str, Any]:
    return gate.compile_workflow(raw, STEPS)


def two(language: str = "JSONPath", second: str = "B") -> dict[str, Any]:
    states = {"A": TASK | {"Next": second}, second: TASK | {"End": True}}
    return compiled({"StartAt": "A", "QueryLanguage": language, "States": states})["States"]


def test_a_level_in_jsonpath() -> None:
    states = two()
    assert states["Stop 1 (paused)"] == {
        "Type": "Task",
        "Comment": COMMENT,
        "Resource": CALLBACK,
        "Retry": [PAUSE_RETRY],
        "Parameters": {
            "FunctionName": "${Pause}",
            "Payload": {
                "run.$": "$$.Execution.Id",
                "state.$": "$interlock_stop_1.state",
                "cause.$": "$interlock_stop_1.cause",
                "token.$": "$$.Task.Token",
            },
        },
        "ResultPath": None,
        "Next": "Resume 1 (paused)",
    }
    assert states["Resume 1 (paused)"] == {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$interlock_stop_1.state", "StringEquals": "A", "Next": "A"},
            {"Variable": "$interlock_stop_1.state", "StringEquals": "B", "Next": "B"},
        ],
    }


def test_a_level_in_jsonata() -> None:
    states = two("JSONata", ODD)
    assert states["Stop 1 (paused)"] == {
        "Type": "Task",
        "Comment": COMMENT,
        "Resource": CALLBACK,
        "Retry": [PAUSE_RETRY],
        "Arguments": {
            "FunctionName": "${Pause}",
            "Payload": {
                "run": "{% $states.context.Execution.Id %}",
                "state": "{% $interlock_stop_1.state %}",
                "cause": "{% $interlock_stop_1.cause %}",
                "token": "{% $states.context.Task.Token %}",
            },
        },
        "Output": "{% $states.input %}",
        "Next": "Resume 1 (paused)",
    }
    assert [rule["Next"] for rule in states["Resume 1 (paused)"]["Choices"]] == ["A", ODD]


def test_a_task_says_in_its_own_language_where_it_stopped() -> None:
    states = {"A": TASK | {"Next": "B"}, "B": TASK | {"QueryLanguage": "JSONata", "End": True}}
    after = compiled({"StartAt": "A", "States": states})["States"]
    assert after["A"]["Catch"][0]["Assign"] == {"interlock_stop_1": {"cause.$": "$.Cause", "state.$": "$$.State.Name"}}
    assert after["B"]["Catch"][0]["Output"] == "{% $states.input %}"
    assert "Parameters" in after["Stop 1 (paused)"] and "Variable" in after["Resume 1 (paused)"]["Choices"][0]


def test_a_level_with_one_task_needs_no_choice() -> None:
    single = compiled({"StartAt": "A", "States": {"A": TASK | {"End": True}}})["States"]
    assert set(single) == {"A", "Stop 1 (paused)"} and single["Stop 1 (paused)"]["Next"] == "A"
    raw = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    assert compiled(raw) == raw


def test_every_level_has_its_own_states_and_variable() -> None:
    def inner(name: str) -> dict[str, Any]:
        states = {name: TASK | {"Next": f"{name}2"}, f"{name}2": TASK | {"End": True}}
        return {"StartAt": name, "States": states}

    both = {"Type": "Parallel", "Branches": [inner("L"), inner("R")], "Next": "Each"}
    each = {"Type": "Map", "ItemProcessor": inner("I"), "Next": "T"}
    raw = {"StartAt": "Both", "States": {"Both": both, "Each": each, "T": TASK | {"End": True}}}
    after = compiled(raw)
    names = [name for scope, _ in workflow.scopes(after) for name in scope["States"] if name.endswith("(paused)")]
    assert len(set(names)) == len(names) == 7
    variables = [
        next(iter(state["Catch"][0]["Assign"]))
        for scope, _ in workflow.scopes(after)
        for state in scope["States"].values()
        if "Catch" in state
    ]
    assert sorted(set(variables)) == ["interlock_stop_1", "interlock_stop_2", "interlock_stop_3", "interlock_stop_4"]


def test_a_definition_hardly_grows() -> None:
    """A hidden copy of each Task repeated its payload: 282 KB became 1.5 MB."""
    payload = {"text": "x" * 400}
    names = [f"Step {number}" for number in range(400)]
    states = {
        name: TASK | {"Parameters": payload, **({"Next": after} if after else {"End": True})}
        for name, after in zip(names, [*names[1:], ""], strict=True)
    }
    raw = {"StartAt": names[0], "States": states}
    after = compiled(raw)
    assert len(after["States"]) == len(names) + 2
    assert len(gate.canonical(after)) < 3 * len(gate.canonical(raw))
