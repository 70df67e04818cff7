"""JSONata as AWS runs it: 2.0.6, its functions, its errors and its numbers."""

from typing import Any

import pytest

from interlock.asl import errors, query, regular
from interlock.asl.jsonata_text import JsonataError, names_in, problem
from interlock.asl.scope import Scope

INPUT: Any = {"n": 1, "nul": None, "rows": [{"k": 1, "v": "a"}, {"k": 1, "v": "b"}]}


def value_of(expression: str) -> Any:
    scope = Scope({"State": {"Name": "A"}}, {"x": 2, "none": None})
    return query.evaluate(expression, query.states_of(INPUT, scope), scope, "Output")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$string(9007199254740991)", "9007199254740991"),
        ("$string(100000000000000000)", "100000000000000000"),
        ("'id-' & 1790582400000000", "id-1790582400000000"),
        ("$string(1/3)", "0.333333333333333"),
        ("$string(1e21)", "1e+21"),
        ("$string(0.00001)", "0.00001"),
        ("$string(0.0000001)", "1e-7"),
        ("$string({'a': [1.0, null]})", '{"a":[1,null]}'),
        (r"$replace('John Smith', /(\w+)\s(\w+)/, '$2, $1 $$ $9')", "Smith, John $ "),
        ("$replace('a.a.a', '.', '$1', 1)", "a$1a.a"),
        ("$sort($states.input.rows, function($l, $r){$l.k > $r.k}).v", ["a", "b"]),
        ("$toMillis('2017-10-30')", 1509321600000),
        ("$states.input.nul", None),
        ("$none", None),
        ("$x + $states.input.n", 3),
        ("4/2", 2),
        ("$power(2, 10)", 1024),
        ("$partition([1..5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(9, 1, -4)", [9, 5, 1]),
        ("$hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
        ("$parse('{\"a\": 1}').a", 1),
        ("$states.context.State.Name", "A"),
    ],
)
def test_expression_gives_what_the_reference_gives(expression: str, value: Any) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("1/0", "D1001"),
        ("$states.input.n ?? 1", "S0204"),
        ("$states.input.n ?: 1", "S0204"),
        ("$eval('1')", "T1006"),
        ("$nope()", "T1006"),
        ("1 + 'a'", "T2002"),
        ("$sum", "T1008"),
        ("$replace('a', /b*/, 'c')", "D1004"),
        ("$toMillis('tomorrow')", "D3110"),
        ("$number('x')", "D3030"),
        ("$power(-1, 0.5)", "D3061"),
        ("$power($power(9, 99), 99)", "D3061"),
        ("(", "S0203"),
    ],
)
def test_failure_has_the_code_of_jsonata(expression: str, code: str) -> None:
    with pytest.raises(errors.StatesError) as caught:
        value_of(expression)
    assert caught.value.error == errors.QUERY
    assert caught.value.location == "Output"
    assert f"threw an error during evaluation. {code}" in str(caught.value.cause)


@pytest.mark.parametrize("expression", ["$states.input.missing", "$unset", "n", "$"])
def test_undefined_is_an_error(expression: str) -> None:
    with pytest.raises(errors.StatesError, match=r"returned nothing \(undefined\)"):
        value_of(expression)


def test_render_replaces_expressions_at_any_depth() -> None:
    template: Any = {"a": ["{% $states.input.n %}", "{% wrong"], "b": 1}
    assert query.render(template, {"input": {"n": 5}}, Scope(), "Output") == {"a": [5, "{% wrong"], "b": 1}
    with pytest.raises(errors.StatesError) as caught:
        query.render({"a": {"b": "{% $no %}"}}, {}, Scope(), "Output")
    assert caught.value.location == "Output/a/b"


def test_field_of_another_type_fails() -> None:
    with pytest.raises(errors.StatesError, match="Expected 'boolean', but was 'number' for value: 1"):
        query.typed("{% 1 %}", "boolean", {}, Scope(), "Choices[0]/Condition")


@pytest.mark.parametrize("seconds", [-1, 0.5, "{% -1 %}", "{% '5' %}"])
def test_seconds_must_be_whole_and_not_negative(seconds: Any) -> None:
    with pytest.raises(errors.StatesError):
        query.seconds(seconds, {}, Scope(), "Seconds")


def test_names_of_an_expression() -> None:
    names = names_in("($f := function($r){$r.a}; $f($states.input) & $x & $nope(y) & $uppercase($states.context.a))")
    assert names.functions == {"nope", "uppercase"}
    assert names.variables == {"states", "x"}
    assert names.states == {"input", "context"}
    assert names.bare == ("y",)


@pytest.mark.parametrize(
    "expression", ["$states.input.rows[v = 'a'].k", "$map($states.input.rows, function($r){$r.k})"]
)
def test_field_inside_a_filter_or_function_is_not_bare(expression: str) -> None:
    assert names_in(expression).bare == ()


def test_problem_names_what_aws_does_not_have() -> None:
    assert "$parse" in problem("$eval('1')")
    assert problem("$states.input.a") == ""
    assert problem("/(/").startswith("S0302")


def test_evaluation_without_document_is_empty_for_undefined() -> None:
    assert query.evaluate_with("a.b", {}, {"a": {"b": 1}}) == (1,)
    assert query.evaluate_with("a.c", {}, {"a": {"b": 1}}) == ()
    with pytest.raises(JsonataError, match="D1012"):
        query.evaluate_with("($f := function($n){$f($n + 1)}; $f(1))", {}, timeout_ms=50)


@pytest.mark.parametrize("use", ["$contains({}, {})", "$replace({}, {}, '')"])
def test_regular_expression_that_would_not_end_fails(use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular, "TIMEOUT_SECONDS", 0.1)
    text = f"'{'a' * 60}!'"
    with pytest.raises(errors.StatesError) as failure:
        value_of(use.format(text, "/^(a|aa)+$/"))
    assert failure.value.error == errors.QUERY
    assert "U1001: Expression evaluation timeout" in str(failure.value)
