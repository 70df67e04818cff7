"""The condition of a breakpoint: a JSONata expression over `input`, `output` and `error`, evaluated within bounds."""

from dataclasses import dataclass
from typing import cast

from interlock.asl import jsonata_values
from interlock.asl.jsonata_text import JsonataError, Names, built_in, names_in, problem
from interlock.asl.query import evaluate_with
from interlock.bounds.child import SECONDS, OutOfBounds, compute
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest

DOCUMENT = ("input", "output", "error")
"""The fields that a condition can read."""
MAX_CHARACTERS = 2_000
WALL_FACTOR = 1.5
"""A run waits for its condition: on a machine that is too busy it does not hold, which costs the run half a second."""
_ANYTHING = frozenset({*DOCUMENT, "$", "$$", "*", "**", "%"})


EVALUATOR = jsonata_values.Expression
"""Imported here, so that the process of a condition finds it and does not import it in its time."""


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds, and why it could not be evaluated; empty where it could."""

    holds: bool
    error: str = ""


def check_condition(condition: str) -> None:
    """Refuse a condition that can't be read, or that names what does not exist.

    Raises:
        BadRequest: it is too long, is not JSONata, calls an unknown function, or reads an unknown field or variable.
    """
    if len(condition) > MAX_CHARACTERS:
        raise _refused(f"the condition has more than {MAX_CHARACTERS} characters", "Write a shorter condition.")
    if any("\ud800" <= sign <= "\udfff" for sign in condition):
        raise _refused("the condition has a half of a character", "Write the whole character.")
    try:
        what = compute(lambda: _problem(condition))
    except OutOfBounds as error:
        raise _refused(f"the condition can't be read: {error}", "Write a simpler condition.") from error
    if what:
        raise _refused(str(what), "Write for example: input.amount > 100")


def evaluate(condition: str, values: dict[str, Json], seconds: float = SECONDS) -> Verdict:
    """Whether a condition holds; whatever goes wrong means that it does not: a debugger fails no run.

    Args:
        condition: the expression.
        values: what `input`, `output` and `error` are.
        seconds: what is left of the time of all conditions of a visit.
    """
    if seconds <= 0:
        return Verdict(False, "it was not evaluated, because other conditions took the time")
    try:
        most = min(seconds, SECONDS)
        holds = compute(lambda: _holds(condition, values), most, wall_seconds=most * WALL_FACTOR)
        return Verdict(bool(holds))
    except OutOfBounds as error:
        return Verdict(False, str(error))


def _holds(condition: str, values: dict[str, Json]) -> bool:
    value = evaluate_with(condition, {}, values)
    return bool(value) and _truth(value[0])


def _truth(value: Json) -> bool:
    """Whether JSONata's `$boolean` is true for a value."""
    if isinstance(value, list):
        return any(_truth(item) for item in cast(list[Json], value))
    return bool(value)


def _problem(condition: str) -> str:
    text = problem(condition)
    if text:
        return f"the condition is not a JSONata expression: {text}"
    try:
        return _unknown(names_in(condition))
    except JsonataError as error:
        return f"the condition is not a JSONata expression: {error}"


def _unknown(names: Names) -> str:
    functions = sorted(names.functions - built_in())
    if functions:
        return f"the condition calls ${functions[0]}, which is not a function of JSONata"
    variables = sorted(names.variables - built_in())
    if variables:
        return f"the condition reads ${variables[0]}, which is not set; it can read {', '.join(DOCUMENT)}"
    fields = sorted(set(names.bare) - _ANYTHING)
    if fields:
        return f"the condition reads {fields[0]!r}; it can read {', '.join(DOCUMENT)}"
    return ""


def _refused(what: str, next_step: str) -> BadRequest:
    return BadRequest(what, where="condition", code="breakpoint-condition", next_step=next_step)
