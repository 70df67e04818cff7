"""The README's app is an app, and its failed run is explained with the words that the README shows."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from interlock.compiler.plan import plan_version
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.run import Body, RecordStatus, Run, StepRecord
from interlock.debugger.cause import Evidence, find_cause
from interlock.debugger.explain import Subject, explain
from interlock.debugger.explain_text import explain_text
from interlock.testing import asset, run_step
from tests.support.bundles import bundle

README = (Path(__file__).resolve().parents[3] / "README.md").read_text()
MAX_LINES = 150
FAILED, GOOD = "t7x2", "k3wq"


def block(language: str, word: str) -> str:
    """The code block of a language that has a word in it."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(text for text in blocks if word in text)


@pytest.fixture
def tagger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The README's steps, imported from a file of their own."""
    (tmp_path / "tagger.py").write_text(block("python", "@step"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("tagger")
    del sys.modules["tagger"]


def execute(tagger: ModuleType, run: str, table: str, examples: dict[str, str | None]) -> tuple[Run, list[StepRecord]]:
    """Both steps one after the other, recorded as the gate does."""
    columns = [asset(f"{table}/{name}", "column", attributes={"example": text}) for name, text in examples.items()]
    started = {"asset": {"qualified_name": table}}
    steps: list[Callable[..., Any]] = [tagger.list_columns, tagger.tag_mails]
    value: Any = started
    records: list[StepRecord] = []
    for second, step in enumerate(steps):
        attempt = run_step(step, value, catalog=columns)
        record: dict[str, Any] = {
            "run": run, "execution": "e", "state": step.__name__, "step": step.__name__, "digest": "d",
            "entered": at(second), "started": at(second), "ended": at(second + 0.5), "input": Body(value=value),
            "status": RecordStatus.FAILED if attempt.error else RecordStatus.SUCCEEDED, "error": attempt.error,
            "output": None if attempt.error else Body(value=attempt.answer.output),
        }  # fmt: skip
        records.append(StepRecord.model_validate(record))
        value = attempt.answer.output
    return Run.model_validate(
        {
            "id": run, "tenant": "globex", "install": "i", "app": "acme/mail-tagger", "version": "1.0.0",
            "workflow": "tag", "trigger": {"kind": "event", "name": "asset.created", "id": "x"},
            "status": "failed", "execution": "e", "started": at(0), "input": {"value": started},
        }
    ), records  # fmt: skip


def at(second: float) -> str:
    return f"2026-01-01T00:00:{second:06.3f}Z"


def test_the_readme_fits_a_few_screens() -> None:
    assert len(README.splitlines()) <= MAX_LINES


def test_the_readmes_app_compiles() -> None:
    files = {"interlock.toml": block("toml", "[app]"), "tagger.py": block("python", "@step")}
    plan = plan_version(bundle(only={name: text.encode() for name, text in files.items()}))
    assert isinstance(plan, VersionPlan), plan


def test_the_readme_shows_what_explain_prints(tagger: ModuleType) -> None:
    run, records = execute(tagger, FAILED, "shop/customer", {"email": "bo@example.org", "phone": None})
    good, good_records = execute(tagger, GOOD, "shop/orders", {"contact": "ada@example.org"})
    error = records[-1].error
    assert error is not None
    assert good_records[-1].error is None
    cause = find_cause(Evidence(records, error.name, error.message))
    text = explain_text(explain(Subject(run=run, records=records[:-1]), cause, good, good_records[-1]))
    shown = block("console", "interlock run explain").partition("\n")[2]
    assert shown == f"{text}\n"
