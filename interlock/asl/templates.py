"""Payload templates of JSONPath states: Parameters, ItemSelector, ResultSelector and Assign.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
"""

from interlock.asl import errors
from interlock.asl.intrinsics import evaluate
from interlock.asl.scope import Scope
from interlock.asl.select import read_field
from interlock.asl.values import Json


def render(template: Json, data: Json, scope: Scope) -> Json:
    """A template with each field whose name ends in `.$` replaced by what its path or intrinsic function gives.

    Args:
        template: any JSON; objects may be nested in lists.
        data: what `$` is.
        scope: what `$$` and `$name` are.

    Raises:
        StatesError: States.Runtime or States.IntrinsicFailure.
    """
    if isinstance(template, list):
        return [render(item, data, scope) for item in template]
    if not isinstance(template, dict):
        return template
    rendered: dict[str, Json] = {}
    for name, value in template.items():
        if name.endswith(".$"):
            rendered[name.removesuffix(".$")] = value_of(value, data, scope, name)
        else:
            rendered[name] = render(value, data, scope)
    return rendered


def value_of(text: Json, data: Json, scope: Scope, field: str) -> Json:
    """The value of a path or an intrinsic function in a field."""
    if not isinstance(text, str):
        raise errors.runtime(f"The value for the field '{field}' must be a STRING that contains a JSONPath")
    if text.startswith("States."):
        return evaluate(text, data, scope)
    if not text.startswith("$"):
        raise errors.runtime(f"The value for the field '{field}' must be a valid JSONPath or a function: {text}")
    return read_field(text, data, scope, field)
