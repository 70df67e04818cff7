"""Schemas of publishers: which are taken, what a value's mismatch says, and that no schema works for long."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from interlock.bounds.json_schema import mismatches, schema_problem
from interlock.contract.core import limits
from tests.support.busy import in_time

TREE: dict[str, Any] = {
    "$defs": {"node": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}},
    "$ref": "#/$defs/node",
}


def doubling(levels: int) -> dict[str, Any]:
    """A schema whose check doubles at each level."""
    rows: dict[str, Any] = {"a0": {"type": "integer"}}
    for level in range(1, levels + 1):
        rows[f"a{level}"] = {"allOf": [{"$ref": f"#/$defs/a{level - 1}"}] * 2}
    return {"$defs": rows, "$ref": f"#/$defs/a{levels}"}


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


TAKEN: list[dict[str, Any]] = [
    {},
    TREE,
    {"$ref": "#"},
    {"$id": "https://acme.example/config.json", "$ref": "#/$defs/a", "$defs": {"a": {}}},
    {"$schema": "https://json-schema.org/draft/2020-12/schema"},
    {"$ref": "#/%24defs/a~1b", "$defs": {"a/b": {}}},
    {"properties": {"$ref": {"type": "string"}, "default": {"type": "null"}}, "default": {"$ref": "anything"}},
    {"pattern": "^[a-z]+([-.][a-z0-9]+)*$"},
]


@pytest.mark.parametrize("schema", TAKEN)
def test_schema_of_one_document_is_taken(schema: dict[str, Any]) -> None:
    assert schema_problem(schema) == ""


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"$ref": "http://127.0.0.1:9/x"}, "refers to 'http://127.0.0.1:9/x'"),
    ({"$ref": "file:///etc/passwd"}, "refers to 'file:///etc/passwd'"),
    ({"$ref": "other.json"}, "refers to 'other.json'"),
    ({"$ref": "#/$defs/absent"}, "refers to '#/$defs/absent'"),
    ({"$ref": "#/x-own/a", "x-own": {"a": {}}}, "refers to '#/x-own/a'"),
    ({"$dynamicRef": "http://127.0.0.1:9/x#a"}, "$dynamicRef"),
    ({"$schema": "http://127.0.0.1:9/x"}, "another draft"),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, "another draft"),
    ({"properties": {"a": {"$id": "http://127.0.0.1:9/x", "$ref": "y"}}}, "#/properties/a has $id"),
    ({"pattern": "^(?!x)"}, "#/pattern is not a pattern"),
    ({"patternProperties": {r"(a)\1": {}}}, "is not a pattern"),
    ({"pattern": "(a{1000}){1000}"}, "#/pattern is not a pattern"),
    ({"type": "objct"}, "#/type is not what JSON Schema"),
    ({"properties": {"a": {"required": "b"}}}, "#/properties/a/required is not"),
    (nested(limits.SCHEMA_DEPTH + 1), "nested more than 64 deep"),
    (nested(100_000), "nested more than 64 deep"),
    ({"properties": {f"a{n}": {} for n in range(90_000)}}, "more than 5000 values"),
    ({"description": "x" * limits.SCHEMA_BYTES}, "may have 65536"),
]


@pytest.mark.parametrize(("schema", "text"), REFUSED)
def test_schema_beyond_its_document_or_size_is_refused(schema: dict[str, Any], text: str) -> None:
    assert text in schema_problem(schema)


def test_mismatches_are_in_plain_words_without_the_value() -> None:
    fields = {
        "port": {"type": "integer", "minimum": 1},
        "mode": {"enum": ["a", 2, None]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }
    schema: dict[str, Any] = {"properties": fields, "required": ["host"], "additionalProperties": False}
    rows = mismatches(schema, {"port": "s3cret", "mode": "s3cret", "note": 5, "extra": "s3cret"})
    assert {row.sentence("the config") for row in rows} == {
        "port must be of type integer",
        "mode must be one of a, 2, null",
        "note must be of type string, or must be of type null",
        "the config may not have extra",
        "the config lacks host",
    }


def test_schema_that_leads_to_itself_is_checked() -> None:
    assert mismatches(TREE, {"kids": [{"kids": []}]}) == ()
    (row,) = mismatches(TREE, {"kids": [{"kids": 3}]})
    assert (row.path, row.keyword) == ("kids/0/kids", "type")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (doubling(60), 1),
        ({"$defs": {"n": {"properties": {"k": {"allOf": [{"$ref": "#/$defs/n"}] * 2}}}}, "$ref": "#/$defs/n"}, None),
        ({"items": {"allOf": [{"type": "integer"}] * 2_000}}, [0] * 120_000),
    ],
)
def test_check_without_end_is_a_mismatch_in_time(schema: dict[str, Any], value: Any) -> None:
    for _ in range(60 if value is None else 0):
        value = {"k": value or {}}
    (row,) = in_time(5, lambda: mismatches(schema, value))
    assert row.keyword == "cost"


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "^(.*.*.*.*.*)x$"])
def test_catastrophic_pattern_is_searched_in_linear_time(pattern: str) -> None:
    (row,) = mismatches({"pattern": pattern}, "a" * 90_000 + "!")
    assert row.keyword == "pattern"


def test_schema_that_was_taken_long_ago_fetches_nothing() -> None:
    (row,) = mismatches({"$ref": "http://127.0.0.1:9/x"}, 1)
    assert row.keyword == "schema"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
KEYWORDS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "object", "array", "integer", "null", "boolean"]),
        "enum": st.lists(JSON, min_size=1, max_size=3),
        "minimum": st.integers(-3, 3),
        "maxLength": st.integers(0, 3),
        "pattern": st.sampled_from(["^a", "b$", "[ab]+"]),
        "required": st.lists(st.sampled_from("abc"), unique=True),
        "uniqueItems": st.booleans(),
    },
)


@given(
    st.recursive(
        KEYWORDS,
        lambda inner: (
            st.fixed_dictionaries({"properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2)})
            | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)})
            | st.fixed_dictionaries({"items": inner, "not": inner})
        ),
        max_leaves=4,
    ),
    JSON,
)
def test_a_value_fits_where_another_library_says_so(schema: dict[str, Any], value: Any) -> None:
    assert schema_problem(schema) == ""
    assert (mismatches(schema, value) == ()) == Draft202012Validator(schema).is_valid(value), json.dumps(schema)
