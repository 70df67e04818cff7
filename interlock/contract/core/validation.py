"""Errors of pydantic in plain sentences, about a parameter or a field by the name that the caller knows."""

from collections.abc import Iterable, Mapping
from typing import Any

LOCATIONS = ("path", "query", "header", "body")
"""The parts of a request. The place of an error of a request begins with one of them."""
SENTENCES: Mapping[str, str] = {
    "missing": "{field} is missing",
    "extra_forbidden": "{field} is not a known field",
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
    "assertion_error": "{field}: {error}",
    "custom": "{field}: {error}",
    "none_required": "{field} must be null",
    "multiple_of": "{field} must be a multiple of {multiple_of}",
    "set_type": "{field} must be a list",
    "frozen_set_type": "{field} must be a list",
    "dataclass_type": "{field} must be an object",
    "date_type": "{field} must be a date",
    "date_parsing": "{field} must be a date",
    "date_from_datetime_parsing": "{field} must be a date",
    "datetime_type": "{field} must be a time",
    "datetime_parsing": "{field} must be a time",
    "datetime_from_date_parsing": "{field} must be a time",
    "timezone_aware": "{field} must have a time zone",
    "time_delta_type": "{field} must be a duration",
    "time_delta_parsing": "{field} must be a duration",
    "uuid_type": "{field} must be a UUID",
    "uuid_parsing": "{field} must be a UUID",
    "url_type": "{field} must be a URL",
    "url_parsing": "{field} must be a URL",
    "url_scheme": "{field} must be a URL with the scheme {expected_schemes}",
    "decimal_type": "{field} must be a number",
    "decimal_parsing": "{field} must be a number",
    "union_tag_invalid": "{field} must be one of the kinds {expected_tags}",
    "union_tag_not_found": "{field} must name its kind in {discriminator}",
}
"""Sentences by the type of pydantic's error: https://docs.pydantic.dev/latest/errors/validation_errors/."""
OTHERWISE = "{field} is not valid"
MOST = 3
"""The most errors of one request that an answer names."""


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


def describe(error: Any, field: str) -> str:
    """Say what is wrong with one value, without the value.

    Args:
        error: one of `ValidationError.errors()`.
        field: the name that the reader knows the value by.

    Returns:
        A sentence without a capital letter and a full stop, such as `limit must be at most 100`.
    """
    context: Mapping[str, Any] = error.get("ctx") or {}
    parts = {name: str(value) for name, value in context.items()}
    return SENTENCES.get(str(error["type"]), OTHERWISE).format_map({"error": "", **parts, "field": field})


def field_name(error: Any, whole: str) -> str:
    """Name the field of an error: `steps`, `triggers[0]`; `whole` where the error is about all of the value."""
    parts: list[int | str] = list(error["loc"])
    indexes = ""
    while parts and isinstance(parts[-1], int):
        indexes = f"[{parts.pop()}]{indexes}"
    return f"{parts[-1] if parts else whole}{indexes}"


def _sentence(error: Mapping[str, Any]) -> str:
    location, field = (*_place(error), "")[:2]
    return describe(error, field or (f"the {location}" if location else "the value"))


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
