"""A config's properties as somebody types them: text as it is, anything else as JSON, held against the schema."""

from typing import Any

import pytest

from interlock.cli.terminal.config_form import read_value


@pytest.mark.parametrize(
    ("text", "about", "value"),
    [
        ("hello", {"type": "string"}, "hello"),
        ("3", {"type": "string"}, "3"),
        ("3", {"type": "integer"}, 3),
        ("true", {"type": "boolean"}, True),
        ('["a"]', {"type": "array", "items": {"type": "string"}}, ["a"]),
        ("null", {}, None),
    ],
)
def test_a_value_is_read_as_its_type(text: str, about: dict[str, Any], value: Any) -> None:
    assert read_value(text, about) == value


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("three", {"type": "integer"}),
        ("3.5", {"type": "integer"}),
        ("green", {"type": "string", "enum": ["red", "blue"]}),
        ("[1, ", {"type": "array"}),
        ("[1]", {"type": "array", "items": {"type": "string"}}),
        ("", {"type": "integer"}),
        ("x" * 20, {"type": "string", "maxLength": 10}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(text: str, about: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read_value(text, about)
