"""The condition of a breakpoint: a JSONata expression over `input`, `output` and `error`, evaluated within bounds."""

from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException

from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest

MAX_MS = 200
"""A condition is evaluated in the gate while the run waits for it."""
MAX_DEPTH = 100
_EVALUATION_ERRORS = (JException, RecursionError, ValueError, TypeError, AttributeError, LookupError)


def compile_condition(condition: str) -> Jsonata:
    """The expression of a condition.

    Raises:
        BadRequest: it is not JSONata.
    """
    try:
        return Jsonata(condition)
    except _EVALUATION_ERRORS as error:
        raise BadRequest(
            f"the condition is not a JSONata expression: {error}",
            where="condition",
            code="breakpoint-condition",
            next_step="Write for example: input.amount > 100",
        ) from error


def holds(condition: str, values: dict[str, Json]) -> bool:
    """Whether a condition holds; one that cannot be evaluated for these values does not: a debugger fails no run."""
    try:
        expression = compile_condition(condition)
        frame = expression.create_frame()
        frame.set_runtime_bounds(MAX_MS, MAX_DEPTH)
        result: Any = expression.evaluate(values, frame)
    except (BadRequest, *_EVALUATION_ERRORS):
        return False
    return bool(result)
