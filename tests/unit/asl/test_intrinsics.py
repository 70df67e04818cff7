"""Intrinsic functions: what they compute, how they fail, and what is refused as it is written."""

from typing import Any

import pytest

from interlock.asl import errors
from interlock.asl.functions import FUNCTIONS
from interlock.asl.intrinsics import evaluate, parse_intrinsic, paths_of, problems
from interlock.asl.scope import Scope

DATA: Any = {"a": [1, 2, 2], "t": "x,y", "n": 7, "b": True, "o": {"k": 1}, "nul": None, "json": '{"z": 1}'}
VALUES: list[tuple[str, Any]] = [
    ("States.Format('{} and {}', $.n, $.b)", "7 and true"),
    (r"States.Format('\'\{\}\' {}', $.nul)", "'{}' null"),
    ("States.Format('{} {}', $.o, $.a)", "{k=1} [1, 2, 2]"),
    ("States.StringToJson($.json)", {"z": 1}),
    ("States.JsonToString($.o)", '{"k":1}'),
    ("States.Array($.n, 'x', null, 1.5, States.Array())", [7, "x", None, 1.5, []]),
    ("States.Array($.a[0,1])", [[1, 2]]),
    ("States.Array($.a[?(@ > 1)])", [[2, 2]]),
    ("States.ArrayPartition($.a, 2)", [[1, 2], [2]]),
    ("States.ArrayContains($.a, 2)", True),
    ("States.ArrayContains($.a, true)", False),
    ("States.ArrayRange(9, 1, -2)", [9, 7, 5, 3, 1]),
    ("States.ArrayGetItem($.a, 0)", 1),
    ("States.ArrayLength($.a)", 3),
    ("States.ArrayUnique($.a)", [1, 2]),
    ("States.Base64Encode('abc')", "YWJj"),
    ("States.Base64Decode('YWJj')", "abc"),
    ("States.Hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("States.JsonMerge($.o, $.o, false)", {"k": 1}),
    ("States.MathRandom(1, 2)", 1),
    ("States.MathAdd(1, -2)", -1),
    ("States.StringSplit('1,2;;3', ',;')", ["1", "2", "3"]),
    ("States.ArrayLength(States.Array($.a.length()))", 1),
]


@pytest.mark.parametrize(("call", "value"), VALUES)
def test_function_computes_as_aws_does(call: str, value: Any) -> None:
    assert evaluate(call, DATA, Scope()) == value
    assert list(problems(call)) == []


def test_uuid_differs_each_time() -> None:
    assert evaluate("States.UUID()", DATA, Scope()) != evaluate("States.UUID()", DATA, Scope())


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("States.Format('{}', $.o)", errors.RUNTIME),
        ("States.Format('{} {}', $.n)", errors.RUNTIME),
        ("States.MathAdd($.t, 1)", errors.RUNTIME),
        ("States.Array($.missing)", errors.RUNTIME),
        ("States.ArrayLength($.o)", errors.RUNTIME),
        ("States.ArrayRange(1, 5000, 1)", errors.RUNTIME),
        ("States.JsonMerge($.o, $.o, true)", errors.RUNTIME),
        ("States.ArrayGetItem($.a, 9)", errors.INTRINSIC),
        ("States.StringToJson('{')", errors.INTRINSIC),
        ("States.StringToJson($.t)", errors.INTRINSIC),
    ],
)
def test_function_fails_by_aws_name(call: str, error: str) -> None:
    with pytest.raises(errors.StatesError) as caught:
        evaluate(call, DATA, Scope())
    assert caught.value.error == error
    assert caught.value.cause is not None and "had the following error" in caught.value.cause


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ("States.Format('a)", "not closed"),
        ("States.Array($.a,)", "an argument is"),
        ("States.Array($.a $.b)", "`)` must stand here"),
        ("States.Array(foo)", "an argument is"),
        ("States.Array(States.Foo($.a))", "States.Foo is not"),
        ("States.UUID(1)", "0 arguments"),
        ("States.MathAdd(1)", "2 arguments"),
        ("States.MathAdd('1', 2)", "must be of type number"),
        (r"States.StringToJson('\x')", "after `"),
        ("States.Format('{} {}', 1)", "2 times {}"),
        ("States.UUID() x", "must end"),
        ("States.Array($.a[)", "not a path"),
        ("UUID()", "begins with"),
    ],
)
def test_call_that_aws_refuses_has_a_problem(call: str, what: str) -> None:
    assert what in " ".join(problems(call))


def test_every_function_of_aws_is_there() -> None:
    assert len(FUNCTIONS) == 18


def test_paths_of_a_call_include_nested_ones() -> None:
    call = parse_intrinsic("States.Array($.a, States.Array($$.State.Name, $x))")
    assert list(paths_of(call)) == ["$.a", "$$.State.Name", "$x"]
