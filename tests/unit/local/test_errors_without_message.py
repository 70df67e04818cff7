"""Errors without a message, such as that of `assert False`, pass everything that reads a recorded run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from interlock.contract.envelope import StepError
from interlock.contract.manifest import Manifest, parse
from interlock.contract.outline import outline_text
from interlock.contract.run import Failed, Outline, RecordStatus, RunStatus, StepRecord
from interlock.contract.run_export import ExportManifest
from interlock.debugger.cause import Evidence, find_cause
from interlock.debugger.diff import diff_runs
from interlock.debugger.explain import Subject, explain
from interlock.debugger.explain_text import explain_text
from interlock.debugger.redaction import redact_run
from interlock.debugger.run_export import export_file
from interlock.local.debug.verify import verify_run
from interlock.local.import_file import import_file
from interlock.testing import run_step
from tests.support.runs import NOW, body, run

STEPS = """
def false(value):
    assert False

def memory(value):
    raise MemoryError

def interrupt(value):
    raise KeyboardInterrupt

def odd(value):
    raise ValueError("one\\u2028two\\u0085three")
"""
NAMES = ("false", "memory", "interrupt", "odd")
MANIFEST = (
    '[app]\nid = "acme/app"\nversion = "1.0.0"\ntitle = "App"\ncategory = "automation"\n'
    + "".join(f'[steps.{name}]\nhandler = "app:{name}"\n' for name in NAMES)
    + '[workflows.main]\nsteps = ["false", "memory", "interrupt", "odd"]\n'
)


@pytest.fixture
def errors(tmp_path: Path) -> dict[str, StepError]:
    """The error of each step, as the platform records it; the code is in the folder `app.py`."""
    (tmp_path / "app.py").write_text(STEPS)
    space: dict[str, Any] = {}
    exec(compile(STEPS, str(tmp_path / "app.py"), "exec"), space)
    errors = {name: run_step(space[name], {}).error for name in NAMES}
    return {name: error for name, error in errors.items() if error is not None}


def record(name: str, at: int, error: StepError) -> StepRecord:
    fields: dict[str, Any] = {"run": "a", "execution": "acme_i_a", "state": name.title(), "step": name}
    fields |= {"entered": f"2026-01-01T00:00:{at:02d}.000Z", "digest": body({}).digest, "input": body({})}
    fields |= {"started": NOW, "ended": NOW, "status": RecordStatus.FAILED, "error": error}
    return StepRecord.model_validate(fields)


def test_they_pass_whatever_reads_a_run(errors: dict[str, StepError], tmp_path: Path) -> None:
    assert [errors[name].message for name in NAMES[:3]] == ["", "", ""]
    records = [record(name, at, errors[name]) for at, name in enumerate(NAMES)]
    failed = run("a", status=RunStatus.FAILED, failed=Failed(error="AssertionError"))

    outlines = [Outline.model_validate_json(outline_text(row, str(at))) for at, row in enumerate(records)]
    assert diff_runs(failed, outlines, failed, outlines).differences == ()

    cause = find_cause(Evidence(records[:1], "AssertionError"))
    lines = explain_text(explain(Subject(run=failed), cause)).splitlines()
    assert lines[1] == "AssertionError"

    data, _ = export_file(redact_run(failed, records), {}, (), ExportManifest(run="a"), None)
    assert [row.error for row in import_file(data, tmp_path / "home").steps] == list(errors.values())

    manifest = parse(MANIFEST)
    assert isinstance(manifest, Manifest), manifest
    verified = verify_run(tmp_path, manifest, failed, records)
    assert (verified.steps, verified.found.differences) == (len(NAMES), ())
