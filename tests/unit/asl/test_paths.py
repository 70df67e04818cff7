"""Paths in AWS's dialect: what they select, when they fail, and where a result is put."""

from typing import Any

import pytest

from interlock.asl import errors, regular
from interlock.asl.path_text import PathSyntaxError
from interlock.asl.paths import parse_path
from interlock.asl.scope import Scope
from interlock.asl.select import Absent, put, read

DATA: Any = {
    "rows": [{"n": 1, "s": "a", "t": None}, {"n": 2, "s": "b"}, {"n": 3, "s": "a"}],
    "o": {"x-y": 1, "two words": 2, "d.o": 3, "k": {"deep": 5}},
    "e": [],
    "@type": "t",
    "a:b/c": 4,
    "größe": 5,
    "nums": [10, 20, 30, 40],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.o.x-y", 1),
        ("$.o['two words']", 2),
        ("$['o']['d.o']", 3),
        ("$.['o'].k", {"deep": 5}),
        ("$.rows[-1].n", 3),
        ("$.nums[1:3]", [20, 30]),
        ("$.nums[-2:]", [30, 40]),
        ("$.nums[0,2]", [10, 30]),
        ("$.rows[*].n", [1, 2, 3]),
        ("$.o.k.*", [5]),
        ("$.@type", "t"),
        ("$.a:b/c", 4),
        ("$.größe", 5),
        ("$..deep", [5]),
        ("$..n", [1, 2, 3]),
        ("$.e[*].q", []),
        ("$.rows[*].missing", []),
        ("$.o['x-y','d.o']", {"x-y": 1, "d.o": 3}),
        ("$.nums.length()", 4),
        ("$.nums.max()", 40.0),
        ("$.nums.avg()", 25.0),
        ("$.nums.stddev()", 125**0.5),
    ],
)
def test_path_selects_as_jayway_does(path: str, value: Any) -> None:
    assert read(path, DATA, Scope()) == value


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("@.n > 1", [2, 3]),
        ("@.s == 'a'", [1, 3]),
        ("@.s == 'a' && @.n < 3", [1]),
        ("@.n == 1 || @.n == 3", [1, 3]),
        ("@.t", [1]),
        ("!@.t", [2, 3]),
        ("@.s != 'a'", [2]),
        ("@.s in ['b', 'c']", [2]),
        ("@.s =~ /A/i", [1, 3]),
        ("@.n <= $.rows[0].n", [1]),
        ("(@.n >= 2) && (@.s == 'b')", [2]),
        ("@.n == '1'", []),
    ],
)
def test_filter_selects_items(condition: str, numbers: list[int]) -> None:
    assert read(f"$.rows[?({condition})].n", DATA, Scope()) == numbers


@pytest.mark.parametrize("path", ["$.no", "$.no.no", "$.nums[9]", "$.o[0]", "$.no[*]", "$.nums.x", "$.no[?(@.a)]"])
def test_definite_path_to_nothing_is_absent(path: str) -> None:
    with pytest.raises(Absent):
        read(path, DATA, Scope())


def test_path_reads_context_and_variables() -> None:
    scope = Scope({"State": {"Name": "A"}}, {"word": {"deep": [1]}})
    assert read("$$.State.Name", DATA, scope) == "A"
    assert read("$$", DATA, scope) == {"State": {"Name": "A"}}
    assert read("$word.deep[0]", DATA, scope) == 1
    with pytest.raises(errors.StatesError, match="is not set"):
        read("$other", DATA, scope)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "$.",
        "$..",
        "$.a[",
        "$.a[]",
        "$.a[?(@.b]",
        "$.a['b]",
        "$.a b",
        "$.a[1,]",
        "$.a.b()",
        "$.a[?(1)]",
        "$x-y",
    ],
)
def test_text_that_is_not_a_path_is_refused(text: str) -> None:
    with pytest.raises(PathSyntaxError, match="at character"):
        parse_path(text)


@pytest.mark.parametrize(
    ("path", "reference"), [("$.a['b'][0]", True), ("$.a[*]", False), ("$.a[-1]", True), ("$.a[1:]", False)]
)
def test_reference_path_names_one_place(path: str, reference: bool) -> None:
    assert parse_path(path).reference is reference


@pytest.mark.parametrize(
    ("path", "raw", "value"),
    [
        ("$", {"a": 1}, 9),
        (None, {"a": 1}, {"a": 1}),
        ("$.b", {"a": 1}, {"a": 1, "b": 9}),
        ("$['a']['b']", {"a": {"q": 1}}, {"a": {"q": 1, "b": 9}}),
        ("$.x.y", {}, {"x": {"y": 9}}),
        ("$.l[0]", {"l": [1, 2]}, {"l": [9, 2]}),
        ("$.l[-1]", {"l": [1, 2]}, {"l": [1, 9]}),
    ],
)
def test_result_path_puts_a_result(path: str | None, raw: Any, value: Any) -> None:
    assert put(path, raw, 9) == value


@pytest.mark.parametrize(("path", "raw"), [("$.a.b", {"a": 1}), ("$.a", "text"), ("$.l[5]", {"l": []})])
def test_result_path_without_a_place_fails(path: str, raw: Any) -> None:
    with pytest.raises(errors.StatesError) as caught:
        put(path, raw, 9)
    assert caught.value.error == errors.RESULT_PATH


def test_regular_expression_of_a_filter_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular, "TIMEOUT_SECONDS", 0.1)
    with pytest.raises(errors.StatesError) as failure:
        read("$.rows[?(@.s =~ /^(a|aa)+$/)]", {"rows": [{"s": "a" * 60 + "!"}]}, Scope())
    assert failure.value.error == errors.RUNTIME
