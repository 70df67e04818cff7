"""The largest payload of a run: which one it is, and when it is a warning."""

from typing import Any

import pytest

from interlock.cli.runs.run_tree import print_run
from interlock.contract.core import limits
from interlock.contract.run import Body, RecordStatus, StepRecord
from interlock.debugger.attempts import usage
from tests.support.runs import NOW, run


def record(state: str, size: int, out: int, index: int | None = None) -> StepRecord:
    fields: dict[str, Any] = {"run": "a", "execution": "acme_i_a", "state": state, "step": "s", "entered": NOW}
    fields |= {"digest": "d", "status": RecordStatus.SUCCEEDED, "started": NOW, "index": index}
    return StepRecord.model_validate(fields | {"input": Body(size=size), "output": Body(size=out)})


def test_the_largest_input_or_output_is_named() -> None:
    result = usage([record("A", 10, 20), record("B", 5, 900, index=3), record("C", 899, 1)])
    assert (result.largest_bytes, result.largest) == (900, "output of B[3]")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, ""), (0.85, "85% of what a state may carry"), (2.0, "parts of it are stored apart")],
)
def test_a_payload_near_the_limit_is_a_warning(share: float, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    steps = [record("A", 10, int(share * limits.SFN_PAYLOAD_BYTES))]
    print_run(run("a", usage=usage(steps)), steps, whole=False)
    shown = capsys.readouterr().out
    assert f"largest payload {share * 256:,.1f} KiB, the output of A" in shown
    assert text in shown
