"""Errors of pydantic in plain sentences, for manifests, workflows, steps and tools."""

from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from interlock.contract.core.validation import describe, field_name


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
