"""JSON Merge Patch: the examples of RFC 7396, and that a patch of what is there changes nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.debugger.patch import merge_patch

EXAMPLES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
"""https://www.rfc-editor.org/rfc/rfc7396#appendix-A"""
JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("value", "patch", "expected"), EXAMPLES)
def test_the_examples_of_the_standard(value: Any, patch: Any, expected: Any) -> None:
    assert merge_patch(value, patch) == expected


@given(JSON)
def test_a_patch_with_itself_changes_nothing(value: Any) -> None:
    assert merge_patch(value, value) == value


@given(JSON, JSON)
def test_a_patch_leaves_the_value_that_it_is_given(value: Any, patch: Any) -> None:
    before = repr(value)
    merge_patch(value, patch)
    assert repr(value) == before
