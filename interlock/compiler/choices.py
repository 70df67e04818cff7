"""Checks the rules of a Choice: each says one thing, in the language that is spoken there.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from collections.abc import Iterator
from typing import Any, cast

from interlock.compiler import expressions

_TYPES = {"String": True, "Numeric": True, "Timestamp": True, "Boolean": False}
_ORDERS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
OPERATORS = frozenset(
    [f"{kind}{order}{path}" for kind in _TYPES for order in _ORDERS for path in ("", "Path") if _TYPES[kind]]
    + ["BooleanEquals", "BooleanEqualsPath", "StringMatches"]
    + ["IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"]
)
_JOINS = ("And", "Or", "Not")
_BESIDE = frozenset({"Next", "Comment", "Assign", "Output"})

Raw = dict[str, Any]


def rule_problems(rule: Raw, language: str, where: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule and those inside it, as (where, what)."""
    if language == "JSONata":
        condition = rule.get("Condition")
        if not (isinstance(condition, bool) or expressions.is_jsonata(condition)):
            yield where, "a rule in JSONata needs a Condition of the form {% … %}"
        return
    fields = sorted(set(rule) - _BESIDE)
    joins = [field for field in fields if field in _JOINS]
    if joins:
        yield from _joined(rule, fields, where)
    elif "Variable" not in rule:
        yield where, "a rule in JSONPath needs a Variable and one comparison, or And, Or, Not"
    elif len(fields) != 2 or not OPERATORS.issuperset(set(fields) - {"Variable"}):
        yield where, f"a rule needs exactly one comparison of Step Functions, and has: {', '.join(fields)}"


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
        if "Next" in part:
            yield f"{where}/{field}/{ordinal}", "only the outermost rule may have Next"
        yield from rule_problems(part, "JSONPath", f"{where}/{field}/{ordinal}")
