"""Hostile texts reach no terminal: names, outputs, errors and logs are printed with their escapes; JSON stays JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from interlock.cli.runs.logs import print_lines
from interlock.cli.runs.run_tree import print_run
from interlock.cli.terminal import render
from interlock.contract.core.failure import BadRequest, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.envelope import StepError
from interlock.contract.log import LogLine
from interlock.contract.printable import printable, printable_json
from interlock.contract.run import Failed, RecordStatus, RunStatus
from scripts.attacks.export_files import exported_run, step_record

HOSTILE = "a\x1b]0;owned\x07b\rc\x9b31md\u202ee\u2066f\x7fg\u200bh\ud800i\U000e0041j\x00k"
UNSAFE = set(HOSTILE) - set("abcdefghijk]0;owned31m")
Print = Callable[[str], object]


def log_line(text: str) -> object:
    fields = {"at": "2026-01-01T00:00:00.000Z", "state": text, "message": text, "fields": {"x": text}}
    print_lines([LogLine.model_validate(fields | {"exception": text, "level": "INFO"})])
    return None


def run_tree(text: str) -> object:
    failed = Failed(error=text, cause=text, state="One")
    error = StepError(name=text, type="E", message=text)
    run = exported_run(status=RunStatus.FAILED, failed=failed)
    print_run(
        run, [step_record(value={"x": text.replace("\ud800", "")}, status=RecordStatus.FAILED, error=error)], whole=True
    )
    return None


PRINTS: dict[str, Print] = {
    "line": render.line,
    "styled line": lambda text: render.line(text, "red"),
    "note": render.note,
    "table": lambda text: render.table(["column", text], [[text, text]], "none"),
    "empty table": lambda text: render.table(["a"], [], text),
    "tree": lambda text: render.out().print(render.tree(text)),
    "escaped label": lambda text: render.out().print(render.tree(render.escape(text))),
    "failure": lambda text: render.failure(BadRequest(text, where=text, next_step=text), machine=False),
    "findings": lambda text: render.failure(
        Rejected(text, [Finding(code="a.b", where=text, what=text, fix=text)], where=text), machine=False
    ),
    "failure as JSON": lambda text: render.failure(BadRequest(text, where=text), machine=True),
    "logs": log_line,
    "run": run_tree,
}


@pytest.fixture(autouse=True)
def consoles() -> None:
    """Consoles write to the streams of this test."""
    render.out.cache_clear()
    render.err.cache_clear()


@pytest.mark.parametrize("name", PRINTS)
def test_no_control_character_reaches_the_terminal(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    PRINTS[name](HOSTILE)
    captured = capsys.readouterr()
    text = captured.out + captured.err
    assert "owned" in text
    assert not UNSAFE & set(text), sorted(map(ascii, UNSAFE & set(text)))


def test_json_is_escaped_and_means_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    value = HOSTILE.replace("\ud800", "é\u4e2d")
    render.as_json({"x": value})
    render.json_text(json.dumps({"x": value}, ensure_ascii=False))
    out = capsys.readouterr().out
    assert not UNSAFE & set(out)
    one, _, other = out.strip().rpartition("\n")
    assert json.loads(one) == json.loads(other) == {"x": value}
    assert "é\u4e2d" in out


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("plain", "two\nlines\tand a tab", "é 中文 عربي 🙂"):
        assert printable(text) == text
        assert printable_json(text) == text
    assert render.visible("two\nlines") == "two\\nlines"
