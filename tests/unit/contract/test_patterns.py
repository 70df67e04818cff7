"""The matcher of replays, against moto's EventBridge and against what AWS's own page says where the two differ."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.events.models import EventPattern

from interlock.contract.event_pattern import faults, matches

WORDS = st.sampled_from(["", "a", "ab", "abc", "B", "table", "Table"])
SCALARS = st.one_of(WORDS, st.integers(-2, 5), st.booleans(), st.none())
RULES = st.one_of(
    SCALARS,
    st.fixed_dictionaries({"prefix": WORDS}),
    st.fixed_dictionaries({"suffix": WORDS}),
    st.fixed_dictionaries({"equals-ignore-case": WORDS}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"numeric": st.tuples(st.sampled_from(["=", "<", ">=", ">", "<="]), st.integers(-2, 5))}).map(
        lambda rule: {"numeric": list(rule["numeric"])}
    ),
    st.fixed_dictionaries({"anything-but": st.lists(WORDS, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"anything-but": st.fixed_dictionaries({"prefix": WORDS})}),
)
FIELDS = st.sampled_from(["x", "y"])
PATTERNS = st.dictionaries(
    FIELDS,
    st.one_of(
        st.lists(RULES, min_size=1, max_size=2),
        st.dictionaries(FIELDS, st.lists(RULES, min_size=1, max_size=2), min_size=1),
    ),
    min_size=1,
)
EVENTS = st.dictionaries(FIELDS, st.one_of(SCALARS, st.lists(WORDS, max_size=2), st.dictionaries(FIELDS, SCALARS)))


def plain(value: Any) -> bool:
    """Whether moto does as AWS does: it takes 1 for true, and looks at empty objects, lists and `exists` by itself."""
    return "exists" not in json.dumps(value) and not any(
        word in json.dumps(value) for word in ("true", "false", "{}", "[]")
    )


@settings(max_examples=400, deadline=None)
@given(pattern=PATTERNS, event=EVENTS)
def test_as_moto_does(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    assert list(faults(pattern)) == []
    if plain(pattern) and plain(event):
        assert matches(pattern, event) == EventPattern(json.dumps(pattern), pattern).matches_event(cast(Any, event))


@pytest.mark.parametrize(
    ("pattern", "event", "wanted"),
    [
        ({"x": {"y": [{"exists": False}]}}, {"x": {}}, True),
        ({"x": [{"exists": True}]}, {"x": {"y": 1}}, False),
        ({"x": [True]}, {"x": 1}, False),
        ({"x": [1]}, {"x": 1.0}, True),
        ({"x": [None]}, {}, False),
        ({"tags": ["pii"]}, {"tags": ["a", "pii"]}, True),
        ({"x": {"y": ["1"]}}, {"x": [{"y": "0"}, {"y": "1"}]}, True),
        ({"$or": [{"x": ["a"]}, {"y": [{"numeric": [">", 0, "<", 5]}]}]}, {"y": 3}, True),
        ({"$or": [{"x": ["a"]}, {"y": [{"numeric": [">", 0, "<", 5]}]}]}, {"y": 5}, False),
        ({"x": [{"wildcard": "a*c"}]}, {"x": "abbc"}, True),
        ({"x": [{"prefix": {"equals-ignore-case": "TA"}}]}, {"x": "table"}, True),
        ({"x": [{"anything-but": "a"}]}, {}, False),
    ],
)
def test_as_aws_says(pattern: dict[str, Any], event: dict[str, Any], wanted: bool) -> None:
    assert matches(pattern, event) is wanted


@pytest.mark.parametrize(
    "pattern",
    [[], {}, {"x": "a"}, {"x": [{"cidr": "10.0.0.0/24"}]}, {"x": [["a"]]}, {"$or": [{"x": ["a"]}]}, {"x": []}],
)
def test_a_wrong_pattern_says_what_is_wrong(pattern: Any) -> None:
    assert list(faults(pattern))
