"""Findings say the line of what they are about, all at once, and name what was meant."""

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.compiler.archive import Bundle
from interlock.compiler.finding_lines import with_lines
from interlock.compiler.json_places import MOST_DEEP, key_places
from interlock.compiler.plan import plan_version
from interlock.contract.core.finding import Finding

MANIFEST = """[app]
id = "acme/app"
version = "1.0.0"
title = "App"
category = "automation"

[steps.load]
handler = "steps:laod"

[workflows.plain]
steps = ["laod"]

[workflows.drawn]
definition = "w.asl.json"

[[workflows.drawn.triggers]]
event = "order.placed"

[[workflows.drawn.triggers]]
event = "asset.creatd"
"""
STEPS = """from interlock import step


@step
def load(value):
    return value
"""
DEFINITION = """{
  "StartAt": "Lod",
  "States": {
    "Load": {
      "Type": "Task",
      "Resource": "${laod}",
      "Nxt": "Done",
      "Next": "Dnoe"
    },
    "a/b": {"Type": "Parallel", "End": true, "Branches": [
      {"StartAt": "In", "States": {
        "In": {"Type": "Pass", "Next": "Gone"}
      }}
    ]},
    "Done": {"Type": "Pass", "End": true}
  }
}
"""

SUCCEED = {"Type": "Succeed", "X": 1}


def bundle(**files: str) -> Bundle:
    every = {"interlock.toml": MANIFEST, "steps.py": STEPS, "w.asl.json": DEFINITION} | files
    return Bundle(digest="0" * 64, size=1, files={name: text.encode() for name, text in every.items()})


def test_one_round_says_each_line_and_what_was_meant() -> None:
    findings: Any = plan_version(bundle())
    assert {(row.code, row.where, row.what) for row in findings} >= {
        (
            "manifest.unknown-step",
            "interlock.toml:10#workflows.plain",
            "the manifest has no step 'laod'; did you mean load?",
        ),
        (
            "code.no-handler",
            "interlock.toml:8#steps.load.handler",
            "steps.py defines no function 'laod' at its top level; did you mean load?",
        ),
        (
            "manifest.unknown-event",
            "interlock.toml:19#workflows.drawn.triggers.1",
            "the platform has no event asset.creatd: nothing starts by it; did you mean asset.created?",
        ),
        (
            "asl.structure",
            "w.asl.json:7#States/Load/Nxt",
            "Nxt is not a field of a Task; did you mean Next?",
        ),
        ("asl.dangling", "w.asl.json:2#StartAt", "state 'Lod' does not exist; did you mean Load?"),
        (
            "asl.dangling",
            "w.asl.json:4#Load",
            "the state goes to 'Dnoe', which does not exist here; did you mean Done?",
        ),
        ("asl.unknown-step", "w.asl.json:6#Load/Resource", "the manifest has no step 'laod'; did you mean load?"),
        ("asl.dangling", "w.asl.json:12#In", "the state goes to 'Gone', which does not exist here"),
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("w.asl.json#a/b", "w.asl.json:10#a/b"),
        ("w.asl.json#a/b/Branches/0/Version", "w.asl.json:10#a/b/Branches/0/Version"),
        ("w.asl.json#In/Next", "w.asl.json:12#In/Next"),
        ("w.asl.json#States/Load/Retry/0", "w.asl.json:4#States/Load/Retry/0"),
        ("w.asl.json#nothing", "w.asl.json#nothing"),
        ("w.asl.json:3#Load", "w.asl.json:3#Load"),
        ("w.asl.json", "w.asl.json"),
        ("interlock.toml#workflows.plain/load/Parameters", "interlock.toml:10#workflows.plain/load/Parameters"),
        ("interlock.toml#listing", "interlock.toml#listing"),
        ("gone.json#a", "gone.json#a"),
        ("steps.py#load", "steps.py#load"),
    ],
)
def test_place_of_a_finding_gets_the_line_of_what_is_there(where: str, expected: str) -> None:
    (finding,) = with_lines([Finding(code="x.y", where=where, what="w", fix="f")], bundle())
    assert finding.where == expected


def test_state_that_is_named_like_a_type_keeps_its_name() -> None:
    text = DEFINITION.replace('"Done"', '"Pass"').replace(
        '"Pass": {"Type": "Pass"', '"Pass": {"Type": "Pass", "Endd": 1'
    )
    findings: Any = plan_version(bundle(**{"w.asl.json": text}))
    assert "w.asl.json:15#States/Pass/Endd" in {row.where for row in findings}


@pytest.mark.parametrize("text", ["", "]}{[", '{"a', '{"\\ud800": 1}', "[" * 5_000, '{"a":' * 5_000, '{"a": "b": "c"}'])
def test_text_that_is_no_json_costs_nothing_and_raises_nothing(text: str) -> None:
    findings = with_lines(
        [Finding(code="x.y", where="w.asl.json#a", what="w", fix="f")], bundle(**{"w.asl.json": text})
    )
    assert findings[0].where.startswith("w.asl.json")
    assert len(list(key_places(text[: MOST_DEEP * 5]))) <= MOST_DEEP


@given(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_each_key_of_a_json_text_has_its_place(value: Any) -> None:
    def keys(inner: Any, around: tuple[int | str, ...] = ()) -> list[tuple[int | str, ...]]:
        rows: list[tuple[int | str, ...]] = []
        for key, item in cast(dict[str, Any], inner).items() if isinstance(inner, dict) else ():
            rows += [(*around, key), *keys(item, (*around, key))]
        for number, item in enumerate(cast(list[Any], inner)) if isinstance(inner, list) else ():
            rows += keys(item, (*around, number))
        return rows

    text = json.dumps(value, indent=1)
    assert [place for place, _ in key_places(text)] == keys(value)


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Task", "Resource": "${load}", "Next": "Gone", "Retry": [{"ErrorEquals": ["A"], "Xxx": 1}]},
        {"Type": "Task", "Resource": "${load}", "Next": "Gone", "Catch": [{"ErrorEquals": ["A"], "Next": "S", "X": 1}]},
        {"Type": "Map", "Next": "Gone", "Xxx": 1, "ItemProcessor": {"X": 1, "StartAt": "I", "States": {"I": SUCCEED}}},
        {"Type": "Parallel", "Next": "Gone", "Branches": [{"StartAt": "I", "X": 1, "States": {"I": SUCCEED}}] * 2},
        {"Type": "Wait", "Seconds": 1, "Next": "Gone", "": 1},
        {"Type": "Pass", "Next": "Gone", "Type2": {"States": {"Pass": 1}}},
    ],
)
def test_unknown_field_anywhere_does_not_hide_where_a_state_goes(state: dict[str, Any]) -> None:
    text = json.dumps({"StartAt": "S", "States": {"S": state}})
    findings: Any = plan_version(bundle(**{"w.asl.json": text}))
    codes = {row.code for row in findings if row.where.startswith("w.asl.json")}
    assert codes >= {"asl.structure", "asl.dangling"}
