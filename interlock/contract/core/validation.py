"""Errors of pydantic in plain sentences, about a parameter or a field by the name that the caller knows."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import StringConstraints

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
    "string_pattern_mismatch": "{field} must be {form}",
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
    "none_required": "{field} must be null",
    "no_such_attribute": "{field} is not a known field",
    "json_type": "{field} must be a JSON text",
    "needs_python_object": "{field} can't be checked as JSON",
    "recursion_loop": "{field} contains itself",
    "recursion_depth_exceeded": "{field} is nested too deeply",
    "frozen_field": "{field} can't be changed",
    "frozen_instance": "{field} can't be changed",
    "invalid_key": "{field} must have texts as its keys",
    "get_attribute_error": "{field} can't be read: {error}",
    "dataclass_exact_type": "{field} must be a {class_name}",
    "named_tuple_type": "{field} must be a list",
    "default_factory_not_called": "{field} has no default, because another field is not valid",
    "iterable_type": "{field} must be a list",
    "iteration_error": "{field} can't be read to its end: {error}",
    "string_unicode": "{field} must be a text of UTF-8",
    "string_not_ascii": "{field} must be a text of ASCII",
    "frozen_dict_type": "{field} must be an object",
    "ordered_dict_type": "{field} must be an object",
    "counter_type": "{field} must be an object",
    "mapping_type": "{field} must be an object",
    "deque_type": "{field} must be a list",
    "set_item_not_hashable": "{field} must have items that can be compared",
    "bytes_type": "{field} must be bytes",
    "bytes_too_short": "{field} must have {min_length} or more bytes",
    "bytes_too_long": "{field} must have {max_length} or fewer bytes",
    "bytes_invalid_encoding": "{field} must be bytes in {encoding}",
    "missing_sentinel_error": "{field} must be left out",
    "ellipsis_error": "{field} must be an ellipsis",
    "date_from_datetime_inexact": "{field} must be a date without a time",
    "date_past": "{field} must be a date in the past",
    "date_future": "{field} must be a date in the future",
    "time_type": "{field} must be a time of day",
    "time_parsing": "{field} must be a time of day",
    "datetime_object_invalid": "{field} must be a time: {error}",
    "datetime_past": "{field} must be a time in the past",
    "datetime_future": "{field} must be a time in the future",
    "timezone_naive": "{field} must have no time zone",
    "timezone_offset": "{field} must have the time zone offset {tz_expected}",
    "is_instance_of": "{field} must be a {class}",
    "is_subclass_of": "{field} must be a kind of {class}",
    "callable_type": "{field} must be a function",
    "arguments_type": "{field} must be arguments",
    "missing_argument": "{field} is missing",
    "missing_keyword_only_argument": "{field} is missing",
    "missing_positional_only_argument": "{field} is missing",
    "unexpected_keyword_argument": "{field} is not a known argument",
    "unexpected_positional_argument": "{field} is one argument too many",
    "multiple_argument_values": "{field} has two values",
    "url_syntax_violation": "{field} must be a URL: {error}",
    "url_too_long": "{field} must have {max_length} or fewer characters",
    "uuid_version": "{field} must be a UUID of version {expected_version}",
    "decimal_max_digits": "{field} must have {max_digits} or fewer digits",
    "decimal_max_places": "{field} must have {decimal_places} or fewer digits after the point",
    "decimal_whole_digits": "{field} must have {whole_digits} or fewer digits before the point",
    "fraction_type": "{field} must be a fraction",
    "fraction_parsing": "{field} must be a fraction",
    "complex_type": "{field} must be a complex number",
    "complex_str_parsing": "{field} must be a complex number",
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
OTHERWISE = "{field}: {message}"
"""Of a type that is not pydantic's: the model's own author wrote its message."""
FORMS: dict[str, str] = {}
"""What a text of a pattern looks like, in words: `shaped` adds them."""
MOST = 3
"""The most errors of one request that an answer names."""


def shaped(pattern: str, form: str, *, min_length: int | None = None, max_length: int | None = None) -> Any:
    """The constraints of a text of a form.

    Args:
        pattern: what the whole text matches.
        form: what such a text is, in words that stand behind "must be"; an error shows them in place of the pattern.
        min_length: in characters.
        max_length: in characters.
    """
    FORMS[pattern] = form
    return StringConstraints(pattern=pattern, min_length=min_length, max_length=max_length)


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
    pattern = parts.get("pattern", "")
    parts["form"] = FORMS.get(pattern, f"a text that matches {pattern}")
    fields = {"error": "", **parts, "field": field, "message": str(error.get("msg", ""))}
    return SENTENCES.get(str(error["type"]), OTHERWISE).format_map(fields)


def field_name(error: Any, whole: str) -> str:
    """Name the field of an error: `steps`, `triggers[0]`; `whole` where the error is about all of the value."""
    parts: list[int | str] = list(error["loc"])
    indexes = ""
    while parts and isinstance(parts[-1], int):
        indexes = f"[{parts.pop()}]{indexes}"
    return f"{parts[-1] if parts else whole}{indexes}"


def _sentence(error: Mapping[str, Any]) -> str:
    location, field = (*_place(error), "", "")[:2]
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
