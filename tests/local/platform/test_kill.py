"""The engine is killed in the middle of a busy life: nothing is lost, nothing is done twice, nothing is stuck."""

from __future__ import annotations

from pathlib import Path

from scripts.killing.main import is_wrong, kill_often

KILLS = 2


def test_kills_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    counts = kill_often(tmp_path, KILLS, seed=7)
    assert not is_wrong(counts), counts
    assert counts["runs"]
