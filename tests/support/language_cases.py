"""Small definitions with what AWS answers, which the evaluator and the engine must answer too.

`answer` is the output, or the name of the error as an `Error`.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Error(NamedTuple):
    """The execution fails with this error; None for a Fail state that names none."""

    name: str | None


class Case(NamedTuple):
    """A definition, its input, and the answer."""

    definition: Any
    input: Any
    answer: Any


RUNTIME, QUERY, INTRINSIC = (
    Error(f"States.{name}") for name in ("Runtime", "QueryEvaluationError", "IntrinsicFailure")
)
ROWS: Any = {"rows": [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}, {"n": 3, "s": "a"}], "nul": None, "name": "x*y"}
INNER: Any = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}


def one(kind: str, value: Any, answer: Any, **fields: Any) -> Case:
    """A machine of one state."""
    language = {"QueryLanguage": fields.pop("QueryLanguage")} if "QueryLanguage" in fields else {}
    end = {} if kind == "Fail" else {"End": True}
    return Case({"StartAt": "A", "States": {"A": {"Type": kind, **end, **fields}}, **language}, value, answer)


def path(text: str, answer: Any) -> Case:
    """The value of a path or a function in Parameters."""
    return one("Pass", ROWS, answer if isinstance(answer, Error) else {"v": answer}, Parameters={"v.$": text})


def rule(answer: Any, **fields: Any) -> Case:
    """Whether a rule of a Choice holds."""
    choice = {"Type": "Choice", "Choices": [{**fields, "Next": "Y"}], "Default": "N"}
    ways = {name: {"Type": "Pass", "Result": name == "Y", "End": True} for name in ("Y", "N")}
    return Case({"StartAt": "A", "States": {"A": choice, **ways}}, ROWS, answer)


def expression(text: str, answer: Any) -> Case:
    """The value of an expression."""
    return one("Pass", ROWS, answer, QueryLanguage="JSONata", Output=f"{{% {text} %}}")


CASES: dict[str, Case] = {
    "a path to nothing in Parameters": path("$.missing", RUNTIME),
    "a path to nothing in a function": path("States.Array($.missing)", RUNTIME),
    "a path to nothing in InputPath": one("Pass", ROWS, RUNTIME, InputPath="$.missing"),
    "a path to nothing in OutputPath": one("Pass", ROWS, RUNTIME, OutputPath="$.missing"),
    "a path to nothing in a rule": rule(RUNTIME, Variable="$.missing", IsNull=True),
    "a path to nothing in IsPresent": rule(False, Variable="$.missing", IsPresent=True),
    "a negative index": path("$.rows[-1].n", 3),
    "a slice": path("$.rows[1:].n", [2, 3]),
    "several indexes": path("$.rows[0,2].s", ["a", "a"]),
    "a filter": path("$.rows[?(@.s == 'a' && @.n > 1)].n", [3]),
    "a filter that finds nothing": path("$.rows[?(@.n > 9)].n", []),
    "a descent": path("$..s", ["a", "b", "a"]),
    "the context object": path("$$.State.Name", "A"),
    "IsPresent of null": rule(True, Variable="$.nul", IsPresent=True),
    "IsNumeric of a text": rule(False, Variable="$.name", IsNumeric=True),
    "a comparison of paths": rule(True, Variable="$.rows[0].n", NumericLessThanPath="$.rows[1].n"),
    "an escaped star": rule(True, Variable="$.name", StringMatches=r"x\*y"),
    "an index out of a function's range": path("States.ArrayGetItem($.rows, 9)", INTRINSIC),
    "a function's argument of a wrong kind": path("States.ArrayLength($.name)", RUNTIME),
    "a format of null": path("States.Format('{}-{}', $.nul, $.name)", "null-x*y"),
    "a range that goes down": path("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
    "a result in brackets": one("Pass", {}, {"a b": 1}, Result=1, ResultPath="$['a b']"),
    "a result without a place": one(
        "Pass", {"a": 1}, Error("States.ResultPathMatchFailure"), Result=1, ResultPath="$.a.b"
    ),
    "keys of a Result": one("Pass", {}, {"x.$": "$.y"}, Result={"x.$": "$.y"}),
    "Parameters that are empty": one("Pass", ROWS, {}, Parameters={}),
    "a Map over an object": one("Map", {"a": {}}, RUNTIME, ItemsPath="$.a", ItemProcessor=INNER),
    "a Map with a concurrency below 0": one(
        "Map", {"a": [1], "c": -1}, RUNTIME, ItemsPath="$.a", MaxConcurrencyPath="$.c", ItemProcessor=INNER
    ),
    "a Wait below 0": one("Wait", {"s": -1}, RUNTIME, SecondsPath="$.s"),
    "a Wait with a fraction": one("Wait", {"s": 0.5}, RUNTIME, SecondsPath="$.s"),
    "a Wait until no time": one("Wait", {"s": "noon"}, RUNTIME, TimestampPath="$.s"),
    "a Fail without an error": one("Fail", {}, Error(None)),
    "an output above the limit": one(
        "Pass", {"x": "y" * 140_000}, Error("States.DataLimitExceeded"), Parameters={"v.$": "States.Array($.x, $.x)"}
    ),
    "an id of 16 digits as text": expression("$string(9007199254740991)", "9007199254740991"),
    "groups of a replacement": expression(r"$replace('John Smith', /(\w+) (\w+)/, '$2 $1')", "Smith John"),
    "rows that tie in a sort": expression("$sort($states.input.rows, function($l, $r){$l.s > $r.s}).n", [1, 3, 2]),
    "an undefined expression": expression("$states.input.missing", QUERY),
    "a newer operator": expression("$states.input.missing ?? 1", QUERY),
    "an expression that divides by 0": expression("1/0", QUERY),
    "an expression that is null": expression("$states.input.nul", None),
}
