"""Which attempt `run debug --state` means: the same words as `run fork --at`."""

from typing import Any

import pytest

from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.fork import Position, parse_position
from interlock.contract.run import Failed, RecordStatus, Run, StepRecord
from interlock.debugger.choose import choose_record, place_of
from tests.support.runs import run
from tests.support.step_records import failed, record

LOOP = [record(at=1), record(at=2, digest="two"), record(at=3), record("B", at=4, index=1), record("B", at=4, index=2)]


def over(**more: Any) -> Run:
    return run("r").model_copy(update={"execution": "arn:first", **more})


@pytest.mark.parametrize("wanted, expected", [("A@1", 0), ("A@2", 1), ("A@3", 2), ("A", 2), ("B[1]", 3), ("B[2]@1", 4)])
def test_visits_count_from_1(wanted: str, expected: int) -> None:
    assert choose_record(over(), LOOP, wanted) is LOOP[expected]


@pytest.mark.parametrize("wanted", ["A@0", "A@4", "C", "B[3]", "B[1]@2", "A[0]", ""])
def test_an_unvisited_state_is_refused_with_the_visited_ones(wanted: str) -> None:
    with pytest.raises((NotFound, Conflict)) as refusal:
        choose_record(over(), LOOP, wanted)
    assert "A, B[1], B[2]" in refusal.value.next_step


def test_a_name_that_looks_like_a_position_is_the_name() -> None:
    odd = record("A@2")
    assert choose_record(over(), [*LOOP, odd], "A@2") is odd


@pytest.mark.parametrize("text", ["A", "A[2]", "A@2", "A[0]@3", "A b[1]", "[1]", "@2", "A[x]"])
def test_a_position_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_position(text)) == text


def test_the_failed_attempt_is_the_default_others_have_numbers() -> None:
    rows: list[StepRecord] = [failed("X", at=1), record(at=1, attempt=1)]
    assert choose_record(over(), rows, "A") is rows[0]
    assert choose_record(over(), rows, "A", 1) is rows[1]
    with pytest.raises(NotFound, match="attempt 2 of .* does not exist"):
        choose_record(over(), rows, "A", 2)


def test_without_a_state_it_is_the_first_cause() -> None:
    rows = [failed("X", at=1), failed("Broken", at=2, state="B"), record("C", at=3, status=RecordStatus.FAILED)]
    cause = Failed(error="Broken", state="B", attempt=0)
    assert choose_record(over(failed=cause), rows) is rows[1]
    assert place_of(rows[1]) == str(Position("B"))
