"""Errors of pydantic in plain sentences, about a parameter or a field by the name that the caller knows."""

from collections.abc import Iterable, Mapping
from typing import Any

LOCATIONS = ("path", "query", "header", "body")
"""With which of these an error of a request begins: where in the request it is."""
SENTENCES: Mapping[str, str] = {
    "missing": "{field} is missing",
    "extra_forbidden": "{field} is not a field of it",
    "json_invalid": "{field} is not JSON: {error}",
    "int_parsing": "{field} must be a number",
    "int_type": "{field} must be a number",
    "int_from_float": "{field} must be a whole number",
    "int_parsing_size": "{field} must be a smaller number",
    "float_parsing": "{field} must be a number",
    "float_type": "{field} must be a number",
    "finite_number": "{field} must be a finite number",
    "bool_parsing": "{field} must be true or false",
    "bool_type": "{field} must be true or false",
    "string_type": "{field} must be a text",
    "string_too_short": "{field} must have {min_length} or more characters",
    "string_too_long": "{field} must have {max_length} or fewer characters",
    "string_pattern_mismatch": "{field} must match the pattern {pattern}",
    "enum": "{field} must be {expected}",
    "literal_error": "{field} must be {expected}",
    "greater_than": "{field} must be more than {gt}",
    "greater_than_equal": "{field} must be at least {ge}",
    "less_than": "{field} must be less than {lt}",
    "less_than_equal": "{field} must be at most {le}",
    "list_type": "{field} must be a list",
    "tuple_type": "{field} must be a list",
    "too_short": "{field} must have {min_length} or more items",
    "too_long": "{field} must have {max_length} or fewer items",
    "dict_type": "{field} must be an object",
    "model_type": "{field} must be an object",
    "model_attributes_type": "{field} must be an object",
    "value_error": "{field}: {error}",
}
"""By the type of pydantic's error: https://docs.pydantic.dev/latest/errors/validation_errors/."""
OTHERWISE = "{field} is not valid"
MOST = 3
"""Of the errors of one request, so many are named."""


def explain(rows: Iterable[Any]) -> tuple[str, str]:
    """Say where a value is not valid, and why.

    Args:
        rows: the errors, as `ValidationError.errors()` has them.

    Returns:
        Where the first error is, such as `query limit` or `body writes[0].type`; and at most MOST sentences.
    """
    errors: list[Mapping[str, Any]] = list(rows)
    where = " ".join(_place(errors[0]))
    return where, "; ".join(dict.fromkeys(_sentence(error) for error in errors[:MOST]))


def _sentence(error: Mapping[str, Any]) -> str:
    location, field = (*_place(error), "")[:2]
    context: Mapping[str, Any] = error.get("ctx") or {}
    fields = {name: str(value) for name, value in context.items()}
    name = field or (f"the {location}" if location else "the value")
    return SENTENCES.get(str(error["type"]), OTHERWISE).format_map({"error": "", **fields, "field": name})


def _place(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The part of the request and the field, as far as they are known."""
    parts: list[int | str] = list(error["loc"])
    if error["type"] == "json_invalid":
        # What follows is the position in the text.
        del parts[1:]
    location = str(parts.pop(0)) if parts and parts[0] in LOCATIONS else ""
    field = ""
    for part in parts:
        field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else str(part)
    return tuple(word for word in (location, field) if word)
