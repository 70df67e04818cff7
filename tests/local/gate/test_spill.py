"""Large payloads: what no expression reads lies in S3 and is put back; what one reads fails by name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.kit import Installed, Kit, bundle, task

MEGABYTE = 1_000_000
CODE = """
from interlock import step

@step
def make(value):
    return {"small": 1, "big": "x" * value.get("size", 0)}

@step
def measure(value):
    return {"size": len(value["big"])}

@step
def rows(value):
    return ["x" * 1000] * (value["size"] // 1000)

@step
def text(value):
    return "x" * value["size"]

@step
def count(value):
    return {"size": len(value if isinstance(value, (str, list)) else value["got"])}
"""
READS: dict[str, Any] = {
    "StartAt": "Make",
    "States": {
        "Make": task("make", Next="Look"),
        "Look": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.big", "StringEquals": "no", "Next": "Measure"}],
            "Default": "Measure",
        },
        "Measure": task("measure"),
    },
}
MOVES = {"StartAt": "Make", "States": {"Make": task("make", Next="Measure"), "Measure": task("measure")}}
TAKES = {"StartAt": "Measure", "States": {"Measure": task("measure")}}
LOOKS = {
    "StartAt": "Look",
    "States": {"Look": READS["States"]["Look"], "Measure": task("measure")},
}


LIST = {"StartAt": "Rows", "States": {"Rows": task("rows", Next="Count"), "Count": task("count")}}
TEXT = {"StartAt": "Text", "States": {"Text": task("text", ResultPath="$.got", Next="Count"), "Count": task("count")}}
EACH: dict[str, Any] = {
    "StartAt": "Rows",
    "States": {
        "Rows": task("rows", ResultPath="$.got", Next="Each"),
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.got",
            "ItemProcessor": {"StartAt": "Count", "States": {"Count": task("count")}},
            "End": True,
        },
    },
}


@pytest.fixture(scope="module")
def installed(kit: Kit) -> Installed:
    workflows = {
        "reads": READS,
        "moves": MOVES,
        "takes": TAKES,
        "looks": LOOKS,
        "list": LIST,
        "text": TEXT,
        "each": EACH,
    }
    return kit.app(bundle(CODE, dict.fromkeys(("make", "measure", "rows", "text", "count"), ""), workflows))


@pytest.mark.parametrize(("workflow", "size"), [("list", 1000), ("text", MEGABYTE)])
def test_a_list_or_a_text_as_an_answer_goes_by_s3(kit: Kit, installed: Installed, workflow: str, size: int) -> None:
    run = kit.ended(installed, kit.start(installed, workflow, {"size": MEGABYTE}))
    assert run["status"] == "succeeded", run
    assert run["output"]["value"] == {"size": size}


def test_a_list_that_a_map_reads_is_too_large_by_its_name(kit: Kit, installed: Installed) -> None:
    run = kit.ended(installed, kit.start(installed, "each", {"size": MEGABYTE}))
    assert run["failed"]["error"] == "Interlock.TooLarge"
    assert "bytes" in run["failed"]["cause"]


def test_a_payload_that_is_not_read_goes_by_s3_and_comes_back(kit: Kit, installed: Installed) -> None:
    run = kit.start(installed, "moves", {"size": MEGABYTE})
    result = kit.ended(installed, run)
    assert result["status"] == "succeeded", result
    assert result["output"]["value"] == {"size": MEGABYTE}
    by_state = {row["state"]: row for row in kit.steps(installed, run)}
    assert len(by_state["Make"]["output"]["value"]["big"]) == MEGABYTE
    assert len(by_state["Measure"]["input"]["value"]["big"]) == MEGABYTE


def test_a_payload_that_is_read_is_too_large_by_name(kit: Kit, installed: Installed) -> None:
    run = kit.ended(installed, kit.start(installed, "reads", {"size": MEGABYTE}))
    assert run["status"] == "failed"
    assert run["failed"]["error"] == "Interlock.TooLarge", run["failed"]


def test_an_input_of_a_megabyte(kit: Kit, installed: Installed) -> None:
    run = kit.ended(installed, kit.start(installed, "takes", {"big": "y" * MEGABYTE}))
    assert run["status"] == "succeeded", run
    assert run["output"]["value"] == {"size": MEGABYTE}
    run = kit.ended(installed, kit.start(installed, "looks", {"big": "y" * MEGABYTE}))
    assert run["status"] == "failed"
    assert run["failed"]["error"] == "Interlock.TooLarge"
