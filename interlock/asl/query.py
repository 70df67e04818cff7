"""Evaluates the JSONata of a state: `{% … %}` in its fields, with AWS's words for what goes wrong.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from collections.abc import Mapping
from typing import Any, cast

from interlock.asl import errors
from interlock.asl.scope import Scope
from interlock.asl.values import Json, Object, kind_of, text_of, whole

TIMEOUT_MS = 1000
"""How long AWS lets one expression run."""
MAX_DEPTH = 500


def expression_of(text: Json) -> str | None:
    """What stands between `{%` and `%}`; None for any other value."""
    if not isinstance(text, str) or not text.startswith("{%") or not text.endswith("%}") or len(text) < 4:
        return None
    return text[2:-2].strip()


def states_of(raw: Json, scope: Scope, **more: Json) -> Object:
    """The value of `$states`: the input, the context object, and `result` or `errorOutput` where there is one."""
    return {"input": raw, "context": scope.context, **more}


def render(template: Json, states: Object, scope: Scope, location: str) -> Json:
    """A template with each `{% … %}` in it replaced by its value.

    Args:
        template: any JSON.
        states: the value of `$states`.
        scope: the variables.
        location: the field of the state, such as `Output`; what is nested adds its names, `Output/total`.

    Raises:
        StatesError: States.QueryEvaluationError, with the location.
    """
    if isinstance(template, dict):
        return {name: render(value, states, scope, f"{location}/{name}") for name, value in template.items()}
    if isinstance(template, list):
        return [render(item, states, scope, f"{location}[{place}]") for place, item in enumerate(template)]
    expression = expression_of(template)
    return template if expression is None else evaluate(expression, states, scope, location)


def typed(template: Json, kind: str, states: Object, scope: Scope, location: str) -> Json:
    """A field that may be an expression and must have a JSON type: number, string, boolean, array or object.

    Raises:
        StatesError: States.QueryEvaluationError; the value is of another type.
    """
    value = render(template, states, scope, location)
    if kind_of(value) == kind:
        return value
    expression = expression_of(template)
    subject = f"The JSONata expression '{expression}' specified for" if expression is not None else "The value of"
    cause = (
        f"{subject} the field '{location}' returned an unexpected result type. "
        f"Expected '{kind}', but was '{kind_of(value)}' for value: {text_of(value)}"
    )
    raise errors.StatesError(errors.QUERY, cause, location)


def seconds(template: Json, states: Object, scope: Scope, location: str) -> int:
    """A field that is a number of seconds, or of items, from 0 on.

    Raises:
        StatesError: States.QueryEvaluationError; it is not a number, has a fraction, or is negative.
    """
    value = typed(template, "number", states, scope, location)
    number = whole(value)
    if number is None:
        cause = f"The {location} field cannot be parsed as an integer: {text_of(value)}"
        raise errors.StatesError(errors.QUERY, cause, location)
    if number < 0:
        raise errors.StatesError(errors.QUERY, f"{location} cannot be negative but was: {number}", location)
    return number


def evaluate(expression: str, states: Object, scope: Scope, location: str) -> Json:
    """The value of one expression.

    Raises:
        StatesError: States.QueryEvaluationError: the expression fails, is undefined, or gives what is no JSON.
    """
    from interlock.asl.jsonata_text import JsonataError

    named = f"The JSONata expression '{expression}' specified for the field '{location}'"
    try:
        value = evaluate_with(expression, {**scope.variables, "states": states})
    except JsonataError as error:
        cause = f"{named} threw an error during evaluation. {error}"
        raise errors.StatesError(errors.QUERY, cause, location) from error
    if not value:
        raise errors.StatesError(errors.QUERY, f"{named} returned nothing (undefined).", location)
    return value[0]


def evaluate_with(
    expression: str,
    variables: Mapping[str, Json],
    document: Json = None,
    timeout_ms: int = TIMEOUT_MS,
) -> tuple[Json, ...]:
    """The value of an expression as a tuple of one; empty where it is undefined.

    Args:
        expression: the text inside `{% %}`.
        variables: the values of `$name`.
        document: what a bare field is read from; Step Functions gives none.
        timeout_ms: how long it may run; it is looked at between steps, so one function call can run longer.

    Raises:
        JsonataError: it can't be read or fails; the text begins with JSONata's code.
    """
    from interlock.asl.jsonata_text import JsonataError, describe
    from interlock.asl.jsonata_values import NOTHING, Expression, native, plain

    compiled = Expression(expression, timeout_ms, MAX_DEPTH)
    bindings = {name: native(value) for name, value in variables.items()}
    try:
        value = plain(cast(Any, compiled).evaluate(native(document) if document is not None else None, bindings))
    except (JsonataError, MemoryError):
        # Memory is what the process may take (interlock.bounds), and not the expression's own affair.
        raise
    except Exception as error:
        raise JsonataError(describe(error)) from error
    return () if value is NOTHING else (cast(Json, value),)
