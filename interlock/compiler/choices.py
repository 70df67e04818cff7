"""Checks the rules of a Choice: each says one thing, in the language that is spoken there, with a value that fits.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from interlock.asl.choice import COMPARISONS, JOINS, OPERATORS, TYPE_TESTS
from interlock.asl.timestamps import parse_time
from interlock.compiler import expressions

_BESIDE = frozenset({"Next", "Comment", "Assign"})

Raw = dict[str, Any]
_LITERALS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "String": (lambda value: isinstance(value, str), "a text"),
    "Numeric": (lambda value: isinstance(value, int | float) and not isinstance(value, bool), "a number"),
    "Boolean": (lambda value: isinstance(value, bool), "true or false"),
    "Timestamp": (lambda value: parse_time(value) is not None, "a time such as 2026-01-31T12:00:00Z"),
}


def rule_problems(rule: Any, language: str, where: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule and those inside it, as (where, what)."""
    if not isinstance(rule, dict):
        yield where, "a rule must be an object"
        return
    rule = cast(Raw, rule)
    if "Next" in rule and not isinstance(rule["Next"], str):
        yield f"{where}/Next", "Next must be the name of a state"
    if language == "JSONata":
        yield from _condition(rule, where)
        return
    fields = sorted(set(rule) - _BESIDE)
    joins = [field for field in fields if field in JOINS]
    if joins:
        yield from _joined(rule, fields, where)
    elif "Variable" not in rule:
        yield where, "a rule in JSONPath needs a Variable and one comparison, or And, Or, Not"
    elif len(fields) != 2 or not OPERATORS.issuperset(set(fields) - {"Variable"}):
        yield where, f"a rule needs exactly one comparison of Step Functions, and has: {', '.join(fields)}"
    else:
        operator = next(field for field in fields if field != "Variable")
        yield from _comparison(rule["Variable"], operator, rule[operator], where)


def _condition(rule: Raw, where: str) -> Iterator[tuple[str, str]]:
    condition = rule.get("Condition")
    if not (isinstance(condition, bool) or expressions.is_jsonata(condition)):
        yield where, "a rule in JSONata needs a Condition of the form {% … %}"
    others = sorted(set(rule) - _BESIDE - {"Condition", "Output"})
    if others and "Condition" in rule:
        yield where, f"a rule in JSONata has a Condition alone, and this one also has: {', '.join(others)}"


def _comparison(variable: Any, operator: str, value: Any, where: str) -> Iterator[tuple[str, str]]:
    problem = expressions.path_problem(variable)
    if problem:
        yield f"{where}/Variable", f"{variable!r}: {problem}"
    if operator.endswith("Path"):
        problem = expressions.path_problem(value)
        if problem:
            yield f"{where}/{operator}", f"{value!r}: {problem}"
    elif operator in TYPE_TESTS or operator == "IsPresent":
        if not isinstance(value, bool):
            yield f"{where}/{operator}", f"{operator} must be true or false"
    else:
        kind = COMPARISONS[operator][0] if operator in COMPARISONS else "String"
        fits, name = _LITERALS[kind]
        if not fits(value):
            yield f"{where}/{operator}", f"{operator} must be {name}"


def _joined(rule: Raw, fields: list[str], where: str) -> Iterator[tuple[str, str]]:
    if len(fields) != 1:
        yield where, f"a rule with And, Or or Not can't have other fields, and has: {', '.join(fields)}"
        return
    field = fields[0]
    inner = [rule[field]] if field == "Not" else rule[field]
    if not isinstance(inner, list) or not inner or not all(isinstance(part, dict) for part in cast(list[Any], inner)):
        yield f"{where}/{field}", "Not needs a rule" if field == "Not" else f"{field} needs a list of rules"
        return
    for ordinal, part in enumerate(cast(list[Raw], inner)):
        for outer in ("Next", "Assign"):
            if outer in part:
                yield f"{where}/{field}/{ordinal}", f"only the outermost rule may have {outer}"
        yield from rule_problems(part, "JSONPath", f"{where}/{field}/{ordinal}")
