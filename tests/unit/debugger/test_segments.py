"""A run's records as segments of X-Ray: valid documents, the same each time, without what tenants wrote."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from interlock.contract.core import limits
from interlock.contract.envelope import Frame, StepError
from interlock.contract.run import Failed, Run, StepRecord
from interlock.debugger.segments import is_sampled, segments
from interlock.debugger.waterfall import waterfall
from tests.support import step_records
from tests.support.runs import run as plain_run

TRACE = "1-65a0b1c2-0123456789abcdef01234567"


def run_of(**fields: Any) -> Run:
    return plain_run("r1", **{"trace": TRACE, "ended": "2026-12-31T00:00:00Z"} | fields)


def record(number: int = 0, **fields: Any) -> StepRecord:
    return step_records.record(f"S{number}", 0, **{"attempt": number, "ended": "2026-12-31T00:00:00Z"} | fields)


def test_documents_are_what_x_ray_takes() -> None:
    documents = segments(run_of(), [record(0), record(1)])
    assert [row["name"] for row in documents] == ["interlock-run", "step classify", "step classify"]
    ids = [row["id"] for row in documents]
    assert len(set(ids)) == 3 and all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)
    assert {row["trace_id"] for row in documents} == {TRACE}
    assert all(row["type"] == "subsegment" and row["parent_id"] == ids[0] for row in documents[1:])
    assert all(row["end_time"] >= row["start_time"] for row in documents)
    assert documents == segments(run_of(), [record(0), record(1)])


def test_a_failed_step_gives_its_name_and_frame_alone() -> None:
    frame = Frame(file="app/steps.py", line=7, function="load", source=("x = secret",), locals={"x": "secret"})
    error = StepError(name="ValueError", type="ValueError", message="secret", frames=(frame,))
    failed = Failed(error="ValueError", cause="secret", state="S0", frame="app/steps.py:7 in load")
    documents = segments(run_of(failed=failed), [record(error=error)])
    assert [row["fault"] for row in documents] == [True, True]
    assert "secret" not in json.dumps(documents)
    assert [(row.error, row.frame) for row in waterfall(documents)] == [("ValueError", "app/steps.py:7 in load")] * 2


def test_a_run_in_flight_is_in_progress() -> None:
    documents = segments(run_of(ended=None), [record(ended=None)])
    assert [row.get("in_progress") for row in documents] == [True, True]
    assert len(waterfall(documents)) == 2


def test_what_a_fork_reused_did_not_run() -> None:
    assert len(segments(run_of(), [record(0, reused="STEP#1"), record(1)])) == 2


def test_a_long_run_is_cut() -> None:
    documents = segments(run_of(), (record(number) for number in range(limits.TRACE_STEPS + 50)))
    assert len(documents) == limits.TRACE_STEPS + 1
    assert len(json.dumps(documents)) < 500_000


@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
def test_the_share_of_sampled_runs_is_the_rate(rate: float) -> None:
    runs = [run_of(trace=f"1-65a0b1c2-0123456789abcdef{number * 4_294_967:08x}") for number in range(1_000)]
    assert sum(is_sampled(run, rate) for run in runs) == pytest.approx(1_000 * rate, abs=10)
    assert is_sampled(run_of(failed=Failed(error="E")), rate)
    assert not is_sampled(run_of(trace=""), 1.0)
