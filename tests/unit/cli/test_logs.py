"""Following a run's log: each look reads only the end of it, and every line is printed once."""

from __future__ import annotations

from datetime import datetime, timedelta

from interlock.cli.runs.logs import LATE, Tail
from interlock.contract.core.base import moment
from interlock.contract.log import LogLine

START = datetime.fromisoformat("2026-01-31T12:00:00Z")


def line(seconds: float, message: str = "m") -> LogLine:
    return LogLine(at=moment(START + timedelta(seconds=seconds)), message=message, state="One")


def test_tail_reads_a_minute_before_the_last_line() -> None:
    tail = Tail()
    assert tail.since(over=False) == ""
    tail.fresh([line(0), line(600), line(300)])
    assert tail.since(over=False) == moment(START + timedelta(seconds=600) - LATE)
    tail.fresh([])
    assert tail.since(over=False) == moment(START + timedelta(seconds=600) - LATE)


def test_tail_reads_every_line_once_the_run_is_over() -> None:
    tail = Tail()
    tail.fresh([line(600, "new")])
    assert tail.since(over=True) == ""
    assert [row.message for row in tail.fresh([line(0, "late"), line(600, "new")])] == ["late"]


def test_tail_prints_each_line_once_and_equal_lines_each() -> None:
    tail = Tail()
    assert len(tail.fresh([line(1), line(1)])) == 2
    # A look of a later window has fewer of the lines before.
    assert tail.fresh([line(1)]) == []
    assert len(tail.fresh([line(1), line(1), line(1), line(2)])) == 2
