"""How often a workflow that waits looks: its history must not grow beyond what Step Functions takes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from interlock.contract.core import limits
from interlock.control.installs.uninstall import ABORT_WAIT_SECONDS, DRAIN_WAIT_SECONDS, MAX_WAIT_SECONDS, next_look

EVENTS_PER_LOOK = 11
"""Task 5, Choice 2, Wait 2, and a try that failed."""
MACHINES = Path(__file__).parents[3] / "statemachines"


def looks(seconds: int, least: int) -> int:
    waited = count = 0
    while waited < seconds:
        waited += next_look(timedelta(seconds=waited), least)
        count += 1
    return count


@pytest.mark.parametrize("least", [ABORT_WAIT_SECONDS, DRAIN_WAIT_SECONDS])
def test_a_history_never_fills(least: int) -> None:
    for machine in ("uninstall", "offboard"):
        longest = json.loads((MACHINES / f"{machine}.asl.json").read_text())["TimeoutSeconds"]
        assert looks(longest, least) * EVENTS_PER_LOOK < limits.SFN_HISTORY_EVENTS / 2


@pytest.mark.parametrize("least", [ABORT_WAIT_SECONDS, DRAIN_WAIT_SECONDS])
def test_the_first_looks_are_soon_and_the_last_not_late(least: int) -> None:
    assert next_look(timedelta(0), least) == next_look(timedelta(seconds=-5), least) == least
    assert looks(10 * least, least) <= 11
    assert next_look(timedelta(days=30), least) == MAX_WAIT_SECONDS
