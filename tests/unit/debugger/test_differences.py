"""What differs from the last good run: values, calls that belong together, the process, and what was not compared."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.contract.core.base import Json
from interlock.contract.envelope import Effect, Frame, StepError
from interlock.contract.explain import Explanation
from interlock.contract.run import Body, StepRecord
from interlock.debugger.cause import Evidence, find_cause
from interlock.debugger.effects import paired
from interlock.debugger.explain import Subject, explain
from interlock.debugger.explain_text import explain_text
from interlock.debugger.origin import origin_of
from interlock.debugger.paths import parse_path
from tests.support.commands import parse
from tests.unit.debugger.test_explain import FLOW, record, run


def body(value: Json) -> Body:
    return Body(value=value)


def explained(
    bad: StepRecord,
    like: StepRecord | None = None,
    *,
    now: Json = None,
    then: Json = None,
    earlier: tuple[list[StepRecord], list[StepRecord]] = ([], []),
    **fields: Any,
) -> Explanation:
    failed, good = run(input=body(now)), run(id="g", status="succeeded", input=body(then), **fields)
    subject = Subject(run=failed, records=earlier[0], definition=FLOW)
    cause = find_cause(Evidence([*earlier[0], bad], "E", definition=FLOW))
    return explain(subject, cause, good, like, earlier[1])


def rows(explanation: Explanation) -> list[tuple[str, str, str, str]]:
    return [(row.what, row.where, row.good, row.now) for row in explanation.differences]


def http(url: str, status: int, answer: Json, **headers: str) -> Effect:
    result = {"headers": headers, "status": status, "body": {"json": answer}}
    return Effect(seq=0, kind="http", op="GET", request={"url": url}, result=result)


def test_values_differ_where_shapes_do_not() -> None:
    frame = Frame(file="s.py", line=9, function="last", touched={"order.rate": "0"})
    error = StepError(name="E", type="E", message="m", frames=(frame,))
    value = {"id": "2026-01-01T00:00:00Z", "order": {"rate": 0, "n": 3}, "rows": [1], "token": "aaaabbbb"}
    good = {"id": "2026-01-02T00:00:00Z", "order": {"rate": 7, "n": 2}, "rows": [1, 2], "token": "ccccdddd"}
    bad = record("Last", 3, error="E", input=body(value)).model_copy(update={"error": error})
    result = rows(explained(bad, record("Last", 1, input=body(good)), version="1.1.0"))
    assert result[0] == ("step input", "order.rate", "7", "0")
    assert set(result[1:4]) == {
        ("step input", "order.n", "2", "3"),
        ("step input", "rows", "2 items", "1 items"),
        ("step input", "token", "[redacted]", "[redacted]"),
    }
    assert result[4][1] == "id"


def test_more_differences_are_counted() -> None:
    one, other = ({f"f{number:02}": number * factor for number in range(1, 31)} for factor in (1, 2))
    result = rows(explained(record("Last", 3, error="E"), record("Last", 1), now=one, then=other, version="1.1.0"))
    assert result[-1] == ("input", "and 22 more", "", "")


def test_calls_belong_together_by_request_target_and_kind() -> None:
    good = [http("https://x/a?t=1", 200, 1), http("https://x/b?t=1", 200, 2), http("https://x/c", 200, 3)]
    now = [http("https://x/b?t=2", 200, 2), http("https://x/a?t=2", 500, 1), http("https://x/d", 200, 3)]
    pairs = [(one and one.request["url"], other and other.request["url"]) for one, other in paired(good, now)]
    assert pairs == [
        ("https://x/a?t=1", "https://x/a?t=2"),
        ("https://x/b?t=1", "https://x/b?t=2"),
        ("https://x/c", "https://x/d"),
    ]
    assert paired(good, now[:1])[-1] == (good[1], now[0])


def test_a_call_of_the_state_is_named_by_its_key() -> None:
    effect = Effect(seq=0, kind="state", op="get", request={"key": "n"}, result={"value": 0})
    good = effect.model_copy(update={"result": {"value": 3}})
    bad, like = record("Last", 3, error="E", effects=(effect,)), record("Last", 1, effects=(good,))
    assert rows(explained(bad, like, version="1.1.0")) == [("effect", "state.get n value", "3", "0")]


def test_a_body_of_http_comes_before_its_headers() -> None:
    bad = record("Last", 3, error="E", effects=(http("https://x", 200, {"rows": []}, etag="2", date="b"),))
    like = record("Last", 1, effects=(http("https://x", 200, {"rows": [1]}, etag="1", date="a"),))
    result = rows(explained(bad, like, version="1.1.0"))
    assert [row[1].rsplit(" ", 1)[-1] for row in result] == ["rows[*]", "rows", "etag", "date"]
    assert result[1][2:] == ("1 items", "0 items")
    poor = record("Last", 3, error="E", effects=(http("https://x", 500, {"why": "disk"}, etag="2" * 200),))
    assert "disk" in explained(poor).calls[0]


def test_a_warm_process_is_named_where_a_cold_one_worked() -> None:
    like = record("Last", 1, cold=True)
    result = explained(record("Last", 3, error="E"), like, version="1.1.0")
    assert [row[0] for row in rows(result)] == ["process"]
    assert "warm" in explain_text(result)
    bad, older = record("Last", 3, error="E"), record("Last", 1, cold=True, run="older")
    subject = Subject(run=run(), definition=FLOW, cold=older)
    good = run(id="g", status="succeeded", version="1.1.0")
    among = explain(subject, find_cause(Evidence([bad], "E", definition=FLOW)), good, record("Last", 2))
    assert [row[:2] for row in rows(among)] == [("process", "(run older)")]
    for other in (record("Last", 1), record("Last", 1, cold=True, digest="other")):
        assert rows(explained(record("Last", 3, error="E"), other, version="1.1.0")) == []


def test_a_retry_that_ended_well_is_shown() -> None:
    earlier = [record("Load", 1, error="OSError", attempt=0), record("Load", 1.5, attempt=1, entered=at_one())]
    result = explained(record("Last", 3, error="E"), earlier=(earlier, []))
    assert result.retried == ("Load succeeded after a failed attempt (OSError: OSError it is)",)
    assert "Retries in this run that ended well:" in explain_text(result)


def at_one() -> str:
    return record("Load", 1).entered


def test_outputs_of_earlier_steps_are_compared() -> None:
    sides = ([record("Load", 1, output=body({"n": 1}))], [record("Load", 1, output=body({"n": 2}))])
    result = rows(explained(record("Last", 3, error="E"), record("Last", 2), earlier=sides, version="1.1.0"))
    assert result == [("output of Load", "n", "2", "1")]


def test_nothing_differs_only_where_all_was_compared() -> None:
    bad = record("Last", 3, error="E", cold=True)
    same = explain_text(explained(bad, record("Last", 1), version="1.1.0"))
    assert "nothing that is recorded" in same
    warm = explain_text(explained(record("Last", 3, error="E"), record("Last", 1), version="1.1.0"))
    assert "not compared: the process, which was warm: none of the last 10 runs" in warm
    assert "nothing that is recorded" not in warm
    unknown = explain_text(explained(bad, None, version="1.1.0"))
    assert "nothing that is recorded" not in unknown
    assert "not compared: state Last: the good run has no record of it that succeeded" in unknown
    gone = bad.model_copy(update={"input": Body(size=9_000_000)})
    assert "too large or past its retention" in explain_text(explained(gone, record("Last", 1), version="1.1.0"))


@pytest.mark.parametrize("value", [0, 1, True, False, "", "ok", "active", None, 200, [1], ["a"], {"n": 1}])
def test_equal_values_alone_are_no_origin(value: Json) -> None:
    load = record("Load", 1, output=body({"x": {"other": value, "flags": [value, value]}, "y": [value]}))
    assert origin_of(("mine",), {"mine": value, "b": "b"}, {"z": value}, [load]) == ""
    assert origin_of(("list", 0), {"list": [value]}, {"rows": [value, value]}, [load]) == ""


def test_a_name_or_a_telling_value_is_an_origin() -> None:
    load = record("Load", 1, output=body({"a": {"limit": 3}, "mail": "ada@example.com", "twice": [{"n": 1}, {"n": 1}]}))
    assert origin_of(("limit",), {"limit": 3, "b": 1}, {}, [load]) == "Load: a.limit"
    assert origin_of(("to",), {"to": "ada@example.com"}, {}, [load]) == "Load: mail"
    assert origin_of(("n",), {"n": 1}, {}, [load]) == ""
    assert origin_of(("n",), {"n": 1}, {"rows": [{"n": 2}, {"n": 1}]}, [], 1) == "run: rows[1].n"
    assert origin_of(("n",), {"n": 1}, {"rows": [{"n": 2}, {"n": 1}], "other": [0, {"n": 1}]}, [], 1) == ""
    assert origin_of(("n",), {"n": 1, "of": "t"}, {"rows": [{"n": 0}, {"n": 1, "m": 2}]}, []) == ""
    assert origin_of(parse_path("twice[1].n"), {"twice": [{"n": 1}, {"n": 1}]}, {}, [load]) == "Load: twice[1].n"


def test_every_command_of_an_explanation_is_one() -> None:
    rows = [record("Load", 1), record("Load", 2, error="E"), record("Item", 3, error="E", index=2)]
    causes = [
        find_cause(Evidence(rows[:2], "E", definition=FLOW)),
        find_cause(Evidence(rows[2:], "E", definition=FLOW)),
        find_cause(Evidence(rows[:1], "States.Runtime", "", (), FLOW)),
        find_cause(Evidence([record("It's", 1, error="E", step="its")], "E")),
    ]
    commands = [explain(Subject(run=run()), cause).commands for cause in causes]
    assert [[parse(command) for command in row] for row in commands] == [
        ["run debug", "run fork", "run verify"],
        ["run debug", "run fork", "run verify"],
        ["run show", "run verify"],
        ["run debug", "run fork", "run verify"],
    ]
    assert commands[0][1] == "interlock run fork r --at Load@2"
    assert commands[1][1] == "interlock run fork r --at 'Item[2]'"
    assert parse("interlock install rehearse i --accept fork.graph") == "install rehearse"
    with pytest.raises(Exception, match="No such option"):
        parse("interlock run fork r --nowhere")
