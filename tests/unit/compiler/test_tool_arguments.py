"""Arguments of the platform's own, which no tool of an app may name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.compiler.plan import plan_version
from interlock.contract.copilot.tool import CONFIRM, KEY
from tests.support.bundles import MANIFEST, bundle, plan

STRING = {"type": "string"}


def _files(schema: dict[str, Any]) -> dict[str, str | bytes | None]:
    manifest = MANIFEST.replace('input_schema = "config.schema.json"', 'input_schema = "tool.schema.json"')
    return {"interlock.toml": manifest, "tool.schema.json": json.dumps({"type": "object", **schema})}


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"properties": {KEY: STRING}}, KEY),
        ({"required": [CONFIRM]}, CONFIRM),
        ({"properties": {"interlock_later": STRING}}, "interlock_later"),
        ({"allOf": [{"properties": {"a": {"type": "object", "required": [KEY]}}}]}, KEY),
        ({"$defs": {"x": {"properties": {KEY: STRING}}}}, KEY),
        ({"dependentRequired": {"a": [KEY]}}, KEY),
        ({"properties": {"properties": {"properties": {KEY: STRING}}}}, KEY),
    ],
)
def test_a_tool_that_names_one_is_a_finding(schema: dict[str, Any], named: str) -> None:
    findings = plan_version(bundle(_files(schema)))
    assert isinstance(findings, tuple), "it was taken"
    assert [finding.code for finding in findings] == ["manifest.reserved-argument"]
    assert named in findings[0].what


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"properties": {"first name": STRING}}, "'first name'"),
        ({"properties": {"a": {"properties": {"größe": STRING}}}}, "'größe'"),
        ({"$defs": {"a b": STRING}}, "'a b'"),
        ({"required": ["a b"]}, "'a b'"),
        ({"properties": {"a\u202eb": STRING}}, "'a b'"),
    ],
)
def test_name_that_no_copilot_would_see_is_a_finding(schema: dict[str, Any], named: str) -> None:
    findings = plan_version(bundle(_files(schema)))
    assert isinstance(findings, tuple), "it was taken"
    assert [finding.code for finding in findings] == ["manifest.tool-field"]
    assert named in findings[0].what


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"enum": [KEY], "default": {KEY: 1}, "examples": [{"required": [KEY]}]}}},
        {"properties": {"interlock": STRING, "my_interlock_key": STRING}, "description": KEY},
    ],
)
def test_data_and_other_names_are_none(schema: dict[str, Any]) -> None:
    assert plan(_files(schema)).tool_schemas["tag_table"]["type"] == "object"
