"""What breaks an event's readers is told with its field; what does not, is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.compiler.compatibility import breaks, check_events
from interlock.contract.core.finding import errors_of

OLD: dict[str, Any] = {
    "type": "object",
    "required": ["table"],
    "properties": {
        "table": {"type": "string"},
        "level": {"enum": ["low", "high"]},
        "columns": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
}


def changed(**arguments: Any) -> dict[str, Any]:
    return OLD | arguments


def fields(**arguments: Any) -> dict[str, Any]:
    stored = {name: value for name, value in (OLD["properties"] | arguments).items() if value is not None}
    return changed(properties=stored)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (fields(table=None), "table was removed"),
        (fields(table={"type": "integer"}), "table was string, and is integer"),
        (fields(table={"type": ["string", "null"]}), "table was string, and is null or string"),
        (changed(required=["table", "level"]), "level is newly required"),
        (changed(required=[]), "table is not required any more"),
        (fields(level={"enum": ["low"]}), "level has other permitted values"),
        (
            fields(columns={"type": "array", "items": {"type": "object", "properties": {}}}),
            "columns[].name was removed",
        ),
        (changed(additionalProperties=False), "the data does not permit further fields any more"),
    ],
)
def test_a_break_names_its_field(new: dict[str, Any], said: str) -> None:
    assert said in list(breaks(OLD, new))
    (finding,) = check_events({"pii.detected": OLD}, {"pii.detected": new})
    assert said in finding.what
    assert "pii.detected.v2" in finding.fix


def test_additions_and_renames_break_nothing() -> None:
    assert list(breaks(OLD, fields(more={"type": "string"}))) == []
    result = list(check_events({"pii.detected": OLD}, {"pii.detected.v2": {"type": "object"}}))
    assert [row.code for row in result] == ["manifest.event-gone"]
    assert errors_of(result) == ()


def an_object(rows: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": rows, "required": sorted(rows)[:1]}


LEAVES: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{"type": "string"}, {"type": "integer"}, {}])
SCHEMAS = st.recursive(LEAVES, lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3).map(an_object))


@given(SCHEMAS)
def test_a_schema_does_not_break_with_itself(schema: dict[str, Any]) -> None:
    assert list(breaks(schema, schema)) == []
