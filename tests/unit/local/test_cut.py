"""What the end of an engine cut: stacks, executions and Waits, and how much of the machine its functions may take."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interlock.local.engine.corrections.waits import waited_seconds
from interlock.local.engine.journal.cut import RESTART, cut_executions, settle_stacks
from interlock.local.engine.memory import FEWEST_STEPS, memory_of, size_of, steps_at_once

HEAD = "arn:aws:states:us-east-1:000000000000:execution:m"


class Store:
    """A store of the emulator, as far as this is about it."""

    def __init__(self, entries: dict[Any, Any]) -> None:
        self._data = entries

    def get(self, key: Any) -> Any:
        return self._data.get(key)


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("CREATE_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("DELETE_IN_PROGRESS", "DELETE_FAILED"),
        ("REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS"),
        ("CREATE_COMPLETE", "CREATE_COMPLETE"),
    ],
)
def test_a_stack_that_was_changing_can_be_deployed_again(status: str, after: str) -> None:
    stack: dict[str, Any] = {"StackStatus": status, "_template": {"Resources": {}}, "_template_body": "new"}
    assert settle_stacks(Store({"s": stack})) == (after != status)
    assert stack["StackStatus"] == after
    assert (stack["_template_body"] == "new") == (after != "UPDATE_ROLLBACK_COMPLETE")


def test_executions_that_were_just_cut_are_told_apart() -> None:
    cut = {"error": RESTART, "stopDate": "2026-01-02T00:00:00.500Z"}
    earlier = {"error": RESTART, "stopDate": "2026-01-01T00:00:00.500Z"}
    other = {"error": "Boom", "stopDate": "2026-01-02T00:00:00.500Z"}
    store = Store({1: cut, 2: earlier, 3: other, 4: {"status": "RUNNING", "stopDate": None}})
    assert list(cut_executions(store, "2026-01-02T00:00:00")) == [(1, cut)]


def _execution(name: str, *waits: datetime) -> dict[str, Any]:
    events = [
        {
            "type": "WaitStateEntered",
            "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "stateEnteredEventDetails": {"name": "W"},
        }
        for moment in waits
    ]
    return {"executionArn": f"{HEAD}:{name}", "events": [{"type": "ExecutionStarted"}, *events]}


def test_a_wait_counts_from_when_it_first_began() -> None:
    now = datetime.now(UTC)
    ago = [now - timedelta(seconds=seconds) for seconds in (100, 60, 20)]
    rows = [
        _execution("t_i_r", ago[0]),
        _execution("t_i_r_r1", ago[1]),
        _execution("t_i_r_r2", ago[2], now),
        _execution("t_i_r_f", ago[1]),
        _execution("t_i_r_fr1", now),
    ]
    store = Store({row["executionArn"]: row for row in rows})
    assert waited_seconds(store, rows[0], "W") == 0.0
    assert waited_seconds(store, rows[1], "W") == pytest.approx(100, abs=1)
    # The second visit of the Wait is a Wait of its own, which nobody entered before.
    assert waited_seconds(store, rows[2], "W") == 0.0
    assert waited_seconds(store, rows[4], "W") == pytest.approx(60, abs=1)


def test_memory_is_that_of_a_process_and_all_below_it() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    try:
        assert memory_of(os.getpid()) > memory_of(parent.pid) > 0
    finally:
        parent.communicate(b"\n")
    assert memory_of(2**22 + 1) == 0


def test_size_is_that_of_all_files_below(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"12345")
    (tmp_path / "two").write_bytes(b"123")
    assert size_of(tmp_path) == 8


def test_steps_at_once_are_bounded_by_the_machine() -> None:
    assert FEWEST_STEPS <= steps_at_once() <= 12 * (os.cpu_count() or 1)
