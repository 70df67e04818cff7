"""Errors of pydantic in plain sentences, for manifests, workflows, steps and tools."""

import re
from datetime import date
from typing import Any, Literal, get_args

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

from interlock.contract.core.validation import SENTENCES, describe, field_name


class Nested(BaseModel, extra="forbid"):
    """A value with fields of the common kinds."""

    count: int = Field(default=1, ge=1, multiple_of=2)
    day: date | None = None
    kind: Literal["a", "b"] = "a"
    rows: list[int] = []


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"count": 0}, "count must be at least 1"),
        ({"count": 3}, "count must be a multiple of 2"),
        ({"day": "soon"}, "day must be a date"),
        ({"kind": "c"}, "kind must be 'a' or 'b'"),
        ({"rows": ["x"]}, "rows[0] must be a number"),
        ({"other": 1}, "other is not a known field"),
        ([], "the value must be an object"),
    ],
)
def test_a_sentence_names_the_field_and_what_it_must_be(value: Any, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Nested).validate_python(value)
    (error,) = caught.value.errors()
    assert describe(error, field_name(error, "the value")) == sentence


def test_every_type_of_error_has_a_sentence_of_ours() -> None:
    types = set(get_args(core_schema.ErrorType))
    assert len(types) > 100 and SENTENCES.keys() == types


def known(kind: Any) -> PydanticKnownError:
    """An error of a type, with the context that pydantic wants for it, as its refusals name it."""
    context: dict[str, Any] = {}
    while True:
        try:
            return PydanticKnownError(kind, context or None)
        except TypeError as error:
            name = re.findall(r"'(\w+)'", str(error))[0]
            assert context.get(name) != 1, error
            context[name] = 1 if name in context else "x"


@pytest.mark.parametrize("kind", get_args(core_schema.ErrorType))
def test_a_sentence_has_the_parts_that_its_error_has(kind: Any) -> None:
    sentence = describe({"type": kind, "ctx": known(kind).context}, "size")
    assert sentence.startswith("size") and "{" not in sentence
    assert sentence != known(kind).message()


def test_the_message_of_an_error_of_the_models_author_is_kept() -> None:
    error = {"type": "no_shop", "msg": PydanticCustomError("no_shop", "the shop is closed").message(), "loc": ("a",)}
    assert describe(error, "shop") == "shop: the shop is closed"
