"""A computation in a child: what it may take of the processor, of memory and of time."""

import itertools
import signal

import pytest

from interlock.bounds.child import NoAnswerInTime, OutOfBounds, compute


def test_computation_answers_its_value() -> None:
    assert compute(lambda: {"a": [1]}) == {"a": [1]}


def test_computation_that_takes_memory_is_ended() -> None:
    with pytest.raises(OutOfBounds, match="memory"):
        compute(lambda: len("x" * 500_000_000))


def test_computation_that_ends_its_process_has_no_answer() -> None:
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(OutOfBounds, match="3"):
        compute(leave)


def test_endless_computation_is_ended_by_its_own_time() -> None:
    with pytest.raises(OutOfBounds, match="it took more than 0.1 s") as failure:
        compute(lambda: sum(itertools.repeat(1)), seconds=0.1, wall_seconds=60)
    assert not isinstance(failure.value, NoAnswerInTime)


def test_computation_that_got_no_processor_is_no_verdict() -> None:
    """A process that waits uses nothing: so does one that a busy machine leaves waiting."""
    with pytest.raises(NoAnswerInTime, match="the machine was busy"):
        compute(signal.pause, seconds=0.1)
