"""`interlock state test`: one state of a file, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli, Done

DEFINITION: Any = {
    "StartAt": "A",
    "States": {
        "A": {
            "Type": "Task",
            "Resource": "${f}",
            "Parameters": {"x.$": "$.n"},
            "ResultPath": "$.r",
            "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 3, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}],
            "Next": "C",
        },
        "C": {"Type": "Choice", "Choices": [{"Variable": "$v", "IsNumeric": True, "Next": "D"}], "Default": "D"},
        "D": {"Type": "Succeed"},
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A definition."""
    path = tmp_path / "main.asl.json"
    path.write_text(json.dumps(DEFINITION))
    return path


def state(file: Path, *arguments: str) -> Done:
    return Cli(file.parent)("state", "test", str(file), *arguments)


def test_stages_output_and_next_state_are_shown(file: Path) -> None:
    done = state(file, "A", "--input", '{"n": 1}', "--result", "5")
    assert done.code == 0
    rows = [line.split(None, 1) for line in done.out.splitlines()]
    assert rows == [
        ["Parameters", '{"x": 1}'],
        ["Result", "5"],
        ["ResultPath", '{"n": 1, "r": 5}'],
        ["Status", "SUCCEEDED"],
        ["Output", '{"n": 1, "r": 5}'],
        ["Next", "C"],
    ]


def test_state_without_a_result_says_how_to_pass_one(file: Path) -> None:
    done = state(file, "A", "--input", '{"n": 1}')
    assert done.code == 0 and "Pass it with --result" in done.out


@pytest.mark.parametrize(("retries", "status", "following"), [("0", "RETRIABLE", "A"), ("1", "CAUGHT_ERROR", "C")])
def test_error_is_answered_by_retry_and_catch(file: Path, retries: str, status: str, following: str) -> None:
    arguments = ("--input", '{"n": 1}', "--error", "Again", "--cause", "why", "--retries", retries, "--json")
    answer = state(file, "A", *arguments).json
    assert (answer["status"], answer["next"], answer["error"], answer["cause"]) == (status, following, "Again", "why")


def test_failed_state_ends_with_1(file: Path) -> None:
    done = state(file, "A")
    assert done.code == 1 and "States.Runtime" in done.out and "$.n" in done.out


def test_rule_input_file_and_variables_are_read(file: Path, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"n": 2}')
    done = state(file, "C", "--input", f"@{tmp_path}/in.json", "--variables", '{"v": 1}')
    assert "Choices[0]" in done.out and '{"n": 2}' in done.out


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("Nope",), "Use one of: A, C, D."),
        (("A", "--input", "{"), "--input is not JSON"),
        (("A", "--input", "@absent.json"), "absent.json does not exist"),
        (("C", "--variables", "[]"), "--variables is not a JSON object"),
    ],
)
def test_wrong_word_is_refused_with_a_next_step(file: Path, arguments: tuple[str, ...], what: str) -> None:
    done = state(file, *arguments)
    assert done.code != 0 and what in done.err


def test_file_that_is_no_workflow_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text("[")
    done = state(path, "A")
    assert done.code != 0 and "Correct the JSON" in done.err


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tag.asl.json"
    file.write_bytes(b"\xff\xfe\x00")
    done = state(file, "A")
    assert done.code == 1 and "can't be read as text" in done.err
