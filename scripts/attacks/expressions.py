"""Schemas and conditions that publishers and people write, and that the platform evaluates for them."""

from collections.abc import Iterator
from typing import Any

from interlock.bounds.json_schema import mismatches, schema_problem
from interlock.control.pauses.condition import evaluate
from scripts.attacks.case import Case

LONG = "a" * 60 + "!"


def cases() -> Iterator[Case]:
    """Every attack by a schema or a condition."""
    for name, schema in _REFUSED.items():
        yield Case("schemas", name, "refused", lambda schema=schema: _taken(schema))
    for name, (schema, value) in _COSTLY.items():
        yield Case("schemas", name, "mismatch", lambda schema=schema, value=value: _fits(schema, value))
    for name, condition in _CONDITIONS.items():
        yield Case("conditions", name, "does not hold", lambda condition=condition: _holds(condition))


def _taken(schema: dict[str, Any]) -> str:
    problem = schema_problem(schema)
    return f"refused: {problem}" if problem else "taken"


def _fits(schema: dict[str, Any], value: Any) -> str:
    rows = mismatches(schema, value)
    return f"mismatch: {rows[0].text}" if rows else "fits"


def _holds(condition: str) -> str:
    values: dict[str, Any] = {"input": {"x": LONG, "n": 5}, "output": None, "error": None}
    verdict = evaluate(condition, values)
    return "holds" if verdict.holds else f"does not hold: {verdict.error}"


def _doubling(levels: int) -> dict[str, Any]:
    rows: dict[str, Any] = {"a0": {"type": "integer"}}
    for level in range(1, levels + 1):
        rows[f"a{level}"] = {"allOf": [{"$ref": f"#/$defs/a{level - 1}"}] * 2}
    return {"$defs": rows, "$ref": f"#/$defs/a{levels}"}


def _nested(value: Any, key: str, levels: int) -> Any:
    for _ in range(levels):
        value = {key: value}
    return value


_METADATA = "http://169.254.169.254/latest/meta-data"
_REFUSED: dict[str, dict[str, Any]] = {
    "a reference to a URL": {"$ref": _METADATA},
    "a reference to a file": {"$ref": "file:///etc/passwd"},
    "a reference to another document": {"$ref": "other.json#/a"},
    "a reference to nowhere": {"$ref": "#/$defs/no"},
    "a reference to no schema": {"$ref": "#/x/a", "x": {"a": {}}},
    "a dynamic reference to a URL": {"$dynamicRef": f"{_METADATA}#a"},
    "a recursive reference": {"$recursiveRef": "#"},
    "a schema of a URL": {"$schema": _METADATA},
    "an older draft": {"$schema": "http://json-schema.org/draft-07/schema#"},
    "a vocabulary": {"$vocabulary": {_METADATA: True}},
    "another base inside": {"properties": {"a": {"$id": f"{_METADATA}/", "$ref": "x"}}},
    "a reference in patternProperties": {"patternProperties": {"^a": {"$ref": _METADATA}}},
    "a reference in if": {"if": {"$ref": _METADATA}},
    "a reference in $defs that nothing uses": {"$defs": {"a": {"$ref": _METADATA}}},
    "a look-ahead": {"pattern": "^(?=a)(a+)+$"},
    "a back reference": {"pattern": r"^(a+)\1+$"},
    "a pattern that grows": {"pattern": "(a{1000}){1000}"},
    "a name's pattern that grows": {"patternProperties": {"(a{1000}){1000}": {}}},
    "a hundred thousand fields": {"properties": {f"a{n}": {} for n in range(100_000)}},
    "a hundred thousand choices": {"enum": list(range(100_000))},
    "a hundred levels": _nested({}, "not", 100),
    "fifty thousand levels": _nested({}, "not", 50_000),
    "a text of 100 kB": {"description": "x" * 100_000},
    "a type that is none": {"type": "objct"},
    "a limit that is a text": {"maximum": "9"},
}
_COSTLY: dict[str, tuple[dict[str, Any], Any]] = {
    "references that double": (_doubling(60), 1),
    "a tree that doubles": (
        {"$defs": {"n": {"properties": {"k": {"allOf": [{"$ref": "#/$defs/n"}] * 2}}}}, "$ref": "#/$defs/n"},
        _nested({}, "k", 60),
    ),
    "two thousand checks of each item": ({"items": {"allOf": [{"type": "integer"}] * 2_000}}, [0] * 120_000),
    "a pattern that backtracks": ({"pattern": "^(a+)+$"}, "a" * 90_000 + "!"),
    "a pattern of alternatives": ({"pattern": "^(a|aa)+$"}, "a" * 90_000 + "!"),
    "a pattern of stars": ({"pattern": "^.*.*.*.*.*.*x$"}, "a" * 90_000),
    "a list of 90,000 patterns": ({"items": {"pattern": "^(a|b)*c$"}}, ["ab" * 20] * 9_000),
    "a schema that was stored with a URL": ({"$ref": _METADATA}, 1),
    "numbers beyond floats": ({"maximum": 10**400}, 10**401),
}
_CONDITIONS: dict[str, str] = {
    "a pattern that backtracks": "$match(input.x, /^(a|aa)+$/)",
    "a pattern in $contains": "$contains(input.x, /^(a|aa)+$/)",
    "a pattern in $replace": "$replace(input.x, /^(a|aa)+$/, 'x') = 'x'",
    "a pattern in $split": "$count($split(input.x, /^(a|aa)+$/)) = 9",
    "ten million numbers": "$sum([1..10000000]) > 1",
    "numbers in numbers": "$count([1..3000].([1..3000])) > 1",
    "a text that doubles": "$reduce([1..40], function($a, $b){$a & $a}, 'aaaaaaaaaa')",
    "a list that doubles": "$count($reduce([1..40], function($a, $b){$append($a, $a)}, [1, 2]))",
    "powers of powers": "$power($power(9, 99), 99)",
    "division by zero": "1/0",
    "infinity": "$round(1e308*10)",
    "recursion without end": "($f := function($n){$f($n + 1)}; $f(1))",
    "mutual recursion": "($f := function($n){$g($n)}; $g := function($n){$f($n)}; $f(1))",
    "a function of nothing": "$uppercase()",
    "a function that is not there": "$no(input)",
    "$eval": "$eval('[1..10000000]')",
    "sorting by a function": "$count($sort([1..100000], function($a, $b){$a < $b})) > 1",
    "$pad of a gigabyte": "$length($pad('x', 1000000000)) > 1",
    "words of a large number": "$length($formatInteger(1e300, 'w')) > 1000000000",
    "a number in base two": "$formatBase(1e300, 2)",
    "a picture of a date without end": "$toMillis('x', '[Y" + "9" * 500 + "]') > 0",
    "shuffled millions": "$count($shuffle([1..9000000])) > 1",
    "a regular expression that is none": "$match(input.x, /(/)",
    "a syntax error": "input.n >",
    "brackets": "(" * 5_000 + "1" + ")" * 5_000,
}
