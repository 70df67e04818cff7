"""The first cause, what it read and where that came from, what differs, and the text, from records alone."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from interlock.compiler.places import state_lines
from interlock.contract.core.failure import GateError
from interlock.contract.envelope import CausedBy, Effect, Frame, StepError
from interlock.contract.explain import CauseKind, Places, StatePlace
from interlock.contract.run import Body, RecordStatus, Run, StepRecord
from interlock.debugger.cause import Evidence, find_cause, needs_history
from interlock.debugger.explain import Subject, explain, fingerprint
from interlock.debugger.explain_text import explain_text
from interlock.debugger.origin import origin_of
from interlock.debugger.paths import MISSING, look_up, parse_path, shape, write_path
from interlock.testing import run_step

FLOW: dict[str, Any] = {
    "StartAt": "Load",
    "States": {
        "Load": {"Type": "Task", "Next": "Each", "Catch": [{"ErrorEquals": ["Soft"], "Next": "Each"}]},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Item", "States": {"Item": {"Type": "Task", "End": True}}},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Clean"}],
            "Next": "Last",
        },
        "Clean": {"Type": "Task", "Next": "Stop"},
        "Stop": {"Type": "Fail", "Error": "Stopped"},
        "Last": {"Type": "Task", "End": True},
    },
}


def at(second: float) -> str:
    return f"2026-01-01T00:00:{second:06.3f}Z"


def record(state: str, second: float, *, error: str = "", **more: Any) -> StepRecord:
    fields: dict[str, Any] = {
        "run": "r", "execution": "e", "state": state, "step": state.lower(), "entered": at(second),
        "started": at(second), "ended": at(second + 0.5), "digest": "d", "status": RecordStatus.SUCCEEDED,
        "input": Body(value={}), "output": Body(value={}),
    }  # fmt: skip
    if error:
        frame = Frame(file="s.py", line=9, function=state.lower(), source=("a", "b", "c", "d", "e"), source_start=7)
        result = StepError(name=error, type=error, message=f"{error} it is", frames=(frame,))
        fields |= {"status": RecordStatus.FAILED, "error": result, "output": None}
    return StepRecord.model_validate(fields | more)


def run(**fields: Any) -> Run:
    base: dict[str, Any] = {
        "id": "r", "tenant": "acme", "install": "i", "app": "acme/app", "version": "1.1.0", "workflow": "main",
        "trigger": {"kind": "api", "name": "api", "id": "x"}, "status": "failed", "execution": "e", "started": at(0),
        "input": {"value": {}},
    }  # fmt: skip
    return Run.model_validate(base | fields)


def events(*names: str) -> list[dict[str, Any]]:
    """Newest first: each state entered after the one before, the last one of them ended the run."""
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(names, 1):
        details = {"stateEnteredEventDetails": {"name": name}}
        rows.append({"id": number, "previousEventId": number - 1, "type": "TaskStateEntered", **details})
    rows.append({"id": len(rows) + 1, "previousEventId": len(rows), "type": "ExecutionFailed"})
    return rows[::-1]


def test_a_retry_does_not_hide_what_failed_first() -> None:
    rows = [
        record("Load", 1, error="Bank.Throttled", attempt=0),
        record("Load", 1, error="ValueError", attempt=1),
        record("Load", 1, error="Interlock.Interrupted", attempt=2),
    ]
    result = find_cause(Evidence(rows, "Interlock.Interrupted"))
    assert (result.failed.error, result.failed.attempt, result.attempts) == ("ValueError", 1, 3)
    assert result.later == ("attempt 3: Interlock.Interrupted: Interlock.Interrupted it is",)
    only = find_cause(Evidence(rows[::2], "Interlock.Interrupted"))
    assert only.failed.error == "Bank.Throttled"


def test_a_caught_failure_that_led_to_the_end_is_the_cause() -> None:
    rows = [record("Load", 1), record("Item", 2, error="KeyError", index=3), record("Clean", 4)]
    result = find_cause(Evidence(rows, "Stopped", "", events("Load", "Each", "Clean", "Stop"), FLOW))
    assert (result.failed.state, result.failed.index, result.failed.error) == ("Item", 3, "KeyError")
    assert "Stop ended the run with Stopped" in result.cascade[-1]
    failing = [*rows[:2], record("Clean", 4, error="OSError")]
    result = find_cause(Evidence(failing, "OSError", definition=FLOW))
    assert result.failed.state == "Item"
    assert "Clean failed with OSError" in result.cascade[0]


def test_a_caught_failure_that_the_workflow_went_on_from_is_not() -> None:
    rows = [record("Load", 1, error="Soft"), record("Item", 2), record("Last", 4, error="KeyError")]
    result = find_cause(Evidence(rows, "KeyError", definition=FLOW))
    assert result.failed.state == "Last"
    assert result.handled == ("Load failed with Soft: Soft it is",)
    stopped = find_cause(Evidence(rows[:2], "States.Runtime", "", events("Load", "Last"), FLOW))
    assert (stopped.failed.state, stopped.kind) == ("Last", CauseKind.STATE)


def test_of_items_that_failed_together_the_first_is_the_cause() -> None:
    rows = [record("Item", 2, error="E", index=index, ended=at(4 - index)) for index in (0, 1)]
    result = find_cause(Evidence(rows, "E", definition=FLOW))
    assert result.failed.index == 1
    assert result.cascade == ("beside it, Item[0] failed with E: E it is",)


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        ("An error occurred while executing the state 'Last' (entered at the event id #12). No $.x", "Last"),
        ("nothing that names a state", ""),
    ],
)  # fmt: skip
def test_the_state_comes_from_the_causes_text(cause: str, state: str) -> None:
    assert find_cause(Evidence([], "States.Runtime", cause, definition=FLOW)).failed.state == state
    assert needs_history([], "States.Runtime", cause) is not bool(state)


def test_a_step_without_an_end_is_named() -> None:
    result = find_cause(Evidence([record("Last", 1, status=RecordStatus.STARTED, ended=None)], "States.Timeout", ""))
    assert (result.failed.state, result.kind) == ("Last", CauseKind.ENDED)
    places = Places(steps={"last": StatePlace(file="s.py", line=4, source=("def last():",), source_start=4)})
    message = explain(Subject(run=run(), places=places), result)
    assert (message.place, message.function) == ("s.py:4", "last")


@pytest.mark.parametrize(
    "error", ["Interlock.ReplayMismatch", "Interlock.Deadline", "Interlock.HistoryFull", "Interlock.Stopped"]
)
def test_an_error_of_the_gate_is_its_own_cause(error: str) -> None:
    rows = [record("Load", 1), record("Item", 2, error="KeyError", index=0)]
    open_one = record("Item", 2, index=1, status=RecordStatus.STARTED, ended=None)
    for records in (rows, [*rows, open_one]):
        assert needs_history(records, error, "said [Clean]")
        result = find_cause(Evidence(records, error, "said [Clean]", events("Load", "Each", "Clean"), FLOW))
        assert (result.failed.error, result.failed.state, result.kind) == (error, "Clean", CauseKind.PLATFORM)
        assert result.handled == ("Item[0] failed with KeyError: KeyError it is",)


def test_a_branch_that_was_stopped_is_not_the_cause() -> None:
    rows = [
        record("Load", 1),
        record("Item", 2, index=0, status=RecordStatus.STARTED, ended=None),
        record("Item", 2, error="KeyError", index=1),
        record("Clean", 4),
    ]
    assert needs_history(rows, "Stopped", "")
    result = find_cause(Evidence(rows, "Stopped", "", events("Load", "Each", "Clean", "Stop"), FLOW))
    assert (result.failed.error, result.failed.state, result.failed.index) == ("KeyError", "Item", 1)


def test_where_a_value_came_from() -> None:
    deep = {"order": {"lines": [{"sku": "a", "price": None}]}}
    load = record("Load", 1, output=Body(value=deep))
    passed = record("Pass", 2, output=Body(value=deep | {"seen": True}))
    path = parse_path("order.lines[0].price")
    assert origin_of(path, deep, {"id": 1}, [load, passed]) == "Load: order.lines[0].price"
    assert origin_of(path, deep, deep, [load, passed]) == "run: order.lines[0].price"
    assert origin_of(parse_path("price"), {"price": None}, {}, [load]) == "Load: order.lines[0].price"
    assert origin_of(parse_path("order.lines[0].tax"), deep, {}, [load]) == "Load: order.lines[0].tax"
    assert origin_of(parse_path("n"), {"n": 1}, {"other": 1}, []) == ""


class Order(BaseModel):
    """What a step declares."""

    number: int
    lines: list[int]


def take_order(order: Order) -> int:
    return order.number


def test_an_input_that_does_not_fit_shows_its_wrong_fields() -> None:
    """By the very message of the SDK: the explanation reads the fields' places from it."""
    value: Any = {"number": "many", "lines": [1, "two"]}
    error = run_step(take_order, value).error
    assert error is not None and error.name == GateError.BAD_INPUT.value
    fields: dict[str, Any] = {"status": RecordStatus.FAILED, "error": error, "output": None}
    failed = record("Load", 1, input=Body(value=value)).model_copy(update=fields)
    cause = find_cause(Evidence([failed], error.name, definition=FLOW))
    explanation = explain(Subject(run=run(), records=[failed], definition=FLOW), cause)
    assert [row.path for row in explanation.touched] == ["number", "lines[1]"]
    assert "number = many" in explain_text(explanation)


def test_differences_from_a_good_run() -> None:
    touched = {"order.price": "None"}
    bad = record("Last", 3, error="TypeError", input=Body(value={"order": {"price": None}, "token": "tok-12345678"}))
    assert bad.error is not None
    frame = bad.error.frames[-1].model_copy(update={"touched": touched, "locals": {"order": "{'price': None}"}})
    effect = Effect(seq=0, kind="http", op="GET", request={"url": "https://x"}, result={"status": 500})
    secret = Effect(seq=1, kind="secret", op="get", request={"name": "api_key"}, result=None)
    error = bad.error.model_copy(update={"frames": (frame,)})
    bad = bad.model_copy(update={"effects": (effect, secret), "error": error})
    good_effect = effect.model_copy(update={"result": {"status": 200}})
    like = record("Last", 1, input=Body(value={"order": {"price": 2}}), effects=(good_effect,))
    good = run(id="g", version="1.0.0", status="succeeded", config={"rate": 1, "api_token": "old-secret"})
    failed = run(config={"rate": 2, "api_token": "new-secret"}, input=Body(value={"x": 1}))
    subject = Subject(run=failed, records=[bad], definition=FLOW)
    result = find_cause(Evidence([bad], "TypeError", definition=FLOW))
    message = explain(subject, result, good, like)
    rows = {(row.what, row.where): (row.good, row.now) for row in message.differences}
    assert rows["version", ""] == ("1.0.0", "1.1.0")
    assert rows["config", "rate"] == ("1", "2")
    assert rows["config", "api_token"] == ("[redacted]", "[redacted]")
    assert rows["input", "x"] == ("(absent)", "number")
    assert rows["step input", "order.price"] == ("number", "null")
    assert ('{"status": 200}', '{"status": 500}') in rows.values()
    assert message.calls == ('http.GET {"url": "https://x"} {"status": 500}', 'secret.get {"name": "api_key"} null')
    text = explain_text(message)
    assert "order.price = None" in text and "secret" not in message.message
    assert [command for command in message.commands if command not in text] == []
    assert "-secret" not in text and "tok-" not in text


def test_a_fingerprint_knows_neither_line_nor_value() -> None:
    one = find_cause(Evidence([record("Last", 1, error="E")], "E"))
    other = find_cause(Evidence([record("Last", 5, error="E", input=Body(value=2))], "E"))
    assert fingerprint(run(), one) == fingerprint(run(version="9.0.0"), other)
    assert fingerprint(run(), one) != fingerprint(run(workflow="side"), one)
    assert fingerprint(run(), one) != fingerprint(run(), find_cause(Evidence([record("Item", 1, error="E")], "E")))


def test_a_text_is_shortened_with_a_pointer_to_the_whole() -> None:
    result = find_cause(Evidence([record("Last", 1, error="E")], "E"))
    message = explain(Subject(run=run()), result).model_copy(update={"message": "x" * 50_000})
    text = explain_text(message, 1_000)
    assert len(text) == 1_000
    assert text.endswith("interlock run explain r)")


def test_paths_are_read_as_they_are_written() -> None:
    for text in ("a.b[0].c", '["odd key"].x', "$", "a[-1]"):
        assert write_path(parse_path(text)) == text
    assert look_up({"a": [{"b": 1}]}, parse_path("a[0].b")) == 1
    assert look_up({"a": []}, parse_path("a[0].b")) is MISSING
    assert shape({"a": [1, "x", {"b": None}]})["a[*]"] == {"number", "text", "object"}
    assert shape({"a": [1, "x", {"b": None}]})["a[*].b"] == {"null"}


def test_the_lines_of_states() -> None:
    text = '{"States": {\n"A": {"Parameters": {"States": {"Fake": {}}}},\n'
    text += '"B\\u00e9": {"Branches": [{"States": {\n"C": {}}}]}}}'
    assert state_lines(text) == {"A": 2, "Bé": 3, "C": 4}


SIDE: dict[str, Any] = {
    "StartAt": "Score",
    "States": {
        "Score": {"Type": "Task", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Store"}], "Next": "Store"},
        "Store": {"Type": "Task", "Next": "Send"},
        "Send": {"Type": "Task", "End": True},
    },
}


def test_a_caught_failure_that_led_to_the_main_path_is_it() -> None:
    rows = [record("Score", 1, error="ValueError"), record("Store", 2, error="KeyError")]
    result = find_cause(Evidence(rows, "KeyError", definition=SIDE))
    assert result.failed.state == "Score"
    assert "Store failed with KeyError" in result.cascade[0]


@pytest.mark.parametrize("error", ["ConnectionError", "Interlock.StepTimeout", "Bank.Throttled"])
def test_what_passes_by_itself_follows_from_no_caught_failure(error: str) -> None:
    rows = [record("Score", 1, error="ValueError"), record("Store", 2, error=error)]
    result = find_cause(Evidence(rows, error, definition=SIDE))
    assert (result.failed.state, result.handled) == ("Store", ("Score failed with ValueError: ValueError it is",))


def test_a_field_that_a_caught_failure_left_out_leads_back() -> None:
    frame = Frame(file="s.py", line=9, function="send", touched={"score.value": "<missing>"})
    error = StepError(name="KeyError", type="KeyError", message="'score'", frames=(frame,))
    failing = record("Send", 3, error="KeyError").model_copy(update={"error": error, "input": Body(value={"id": 1})})
    rows = [record("Score", 1, error="ValueError"), record("Store", 2), failing]
    assert find_cause(Evidence(rows, "KeyError", definition=SIDE)).failed.state == "Score"
    present = failing.model_copy(update={"input": Body(value={"score": {}})})
    assert find_cause(Evidence([*rows[:2], present], "KeyError", definition=SIDE)).failed.state == "Send"
    missing = "The JSONPath '$.score' could not be found in the input"
    ended = Evidence(rows[:2], "States.Runtime", f"{missing}: the state 'Send' (entered at the event id #7)", (), SIDE)
    assert find_cause(ended).failed.state == "Score"


def test_a_caught_failure_that_came_right_is_not_it() -> None:
    loop: dict[str, Any] = {
        "StartAt": "Poll",
        "States": {
            "Poll": {"Type": "Task", "Catch": [{"ErrorEquals": ["NotReady"], "Next": "Wait"}], "Next": "Read"},
            "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Poll"},
            "Read": {"Type": "Task", "End": True},
        },
    }
    rows = [record("Poll", 1, error="NotReady"), record("Poll", 2), record("Read", 3, error="KeyError")]
    assert find_cause(Evidence(rows, "KeyError", definition=loop)).failed.state == "Read"
    rows = [record("Poll", 1, error="NotReady"), record("Poll", 2, error="OSError")]
    assert find_cause(Evidence(rows, "OSError", definition=loop)).failed.state == "Poll"
    assert find_cause(Evidence(rows, "OSError", definition=loop)).failed.error == "OSError"


def test_a_choice_that_looks_at_the_error_leads_back() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Clean"}]
    flow: dict[str, Any] = {
        "StartAt": "Load",
        "States": {
            "Load": {"Type": "Task", "Catch": catch, "Next": "Clean"},
            "Clean": {"Type": "Task", "Next": "Well?"},
            "Well?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.error.Error", "IsPresent": True, "Next": "Stop"}],
                "Default": "Done",
            },
            "Stop": {"Type": "Fail", "Error": "Stopped"},
            "Done": {"Type": "Succeed"},
        },
    }
    rows = [record("Load", 1, error="KeyError"), record("Clean", 2)]
    ended = events("Load", "Clean", "Well?", "Stop")
    result = find_cause(Evidence(rows, "Stopped", "", ended, flow))
    assert (result.failed.state, result.cascade) == ("Load", ("Stop ended the run with Stopped",))
    flow["States"]["Well?"]["Choices"][0]["Variable"] = "$.count"
    result = find_cause(Evidence(rows, "Stopped", "", ended, flow))
    assert (result.failed.state, result.kind) == ("Stop", CauseKind.FAIL)


def test_the_chain_of_an_error_is_in_the_text() -> None:
    frame = Frame(file="app/t.py", line=4, function="f")
    causes = (
        CausedBy(how="raised", name="Gone", file="app/s.py", line=9, function="s"),
        CausedBy(how="cause", name="KeyError", message="'x'", file="app/t.py", line=4, function="f"),
        CausedBy(how="hidden", name="OSError"),
    )
    error = StepError(name="Gone", type="Gone", message="no x", frames=(frame,), causes=causes)
    failing = record("Last", 1, error="Gone").model_copy(update={"error": error})
    lines = explain_text(explain(Subject(run=run()), find_cause(Evidence([failing], "Gone")))).splitlines()
    assert lines[1:6] == [
        "Gone: no x",
        "  raised at app/s.py:9 in s",
        "  caused by KeyError: 'x' at app/t.py:4 in f",
        "  `from None` hides OSError",
        "at app/t.py:4 in f, where KeyError was raised first",
    ]
