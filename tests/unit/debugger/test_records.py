"""Replay matching, first cause and usage, from step records."""

from hypothesis import given
from hypothesis import strategies as st

from interlock.contract.run import Body, RecordStatus, StepRecord
from interlock.debugger.attempts import usage
from interlock.debugger.cause import CAUSE_CHARS, first_cause
from interlock.debugger.reuse import final_records, interrupted, match, visit_name
from tests.support.step_records import failed, record


def test_the_last_ended_attempt_is_the_visits_outcome() -> None:
    rows = [
        record(at=1, attempt=1, output=Body(value=1)),
        failed("X", at=1),
        record(at=1, attempt=2, status=RecordStatus.STARTED),
        record("B", at=2, status=RecordStatus.STARTED),
        record("C", at=0),
    ]
    assert final_records(rows) == [rows[4], rows[0]]


def test_a_visit_is_matched_by_position_and_digest() -> None:
    rows = [record(at=1), record("B", at=2), record(at=3, digest="other"), record(at=4, index=1)]
    assert match(rows, [], "A", None, "d") is rows[0]
    assert match(rows, [], "A", None, "other") is rows[2]
    assert match(rows, [], "A", 1, "d") is rows[3]
    assert match(rows, [], "A", None, "edited") is None
    assert match(rows, [], "C", None, "d") is None


def test_a_loop_is_served_in_its_order() -> None:
    rows = [record(at=at) for at in (3, 1, 2)]
    own: list[StepRecord] = []
    for expected in (1, 2, 3):
        result = match(rows, own, "A", None, "d")
        assert result is not None and result.entered.endswith(f"{expected:02}Z")
        own.append(record(at=expected + 10, execution="second", reused=visit_name(result)))
    assert match(rows, own, "A", None, "d") is None


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 1), st.sampled_from("de")), max_size=12))
def test_equal_executions_reuse_every_record_once(visits: list[tuple[str, int, str]]) -> None:
    rows = [record(s, at, index=i, digest=d) for at, (s, i, d) in enumerate(visits)]
    own: list[StepRecord] = []
    for row in rows:
        result = match(rows, own, row.state, row.index, row.digest)
        assert result is row
        own.append(row.model_copy(update={"execution": "second", "reused": visit_name(row)}))


def test_a_fork_of_a_fork_is_served_in_order_too() -> None:
    """The gate names the first record that a result came from, through any number of forks."""
    first = [record(at=at) for at in (1, 2)]
    second = [record(at=at + 10, execution="second", reused=visit_name(row)) for at, row in enumerate(first)]
    own: list[StepRecord] = []
    for row in second:
        result = match(second, own, "A", None, "d")
        assert result is row
        own.append(record(at=30 + len(own), execution="third", reused=row.reused))
    assert match(second, own, "A", None, "d") is None


def test_items_of_a_map_that_were_entered_together() -> None:
    """Two items of nested Maps may have one inner index and one time: the digest tells them apart."""
    rows = [record(at=1, index=0, digest="one"), record(at=1, index=0, digest="two")]
    own = [record(at=9, execution="second", index=0, digest="one", reused=visit_name(rows[0]))]
    assert match(rows, own, "A", 0, "two") is rows[1]


def test_an_attempt_without_an_end_is_served_as_such_once() -> None:
    begun = record(status=RecordStatus.STARTED)
    rows = [begun, record("B", 1)]
    assert interrupted(rows, [], "A", None, "d", 0) is begun
    assert interrupted(rows, [], "A", None, "d", 1) is None
    assert interrupted(rows, [], "B", None, "d", 0) is None
    own = [failed("Interlock.Interrupted", execution="second", reused=f"{visit_name(begun)}#0")]
    assert interrupted(rows, own, "A", None, "d", 0) is None


def test_the_cause_is_the_failure_that_ended_the_run() -> None:
    rows = [failed("Caught", at=1), failed("Broken", at=2, message="x" * 9_999), failed("Other", at=3, state="C")]
    cause = first_cause(rows, "Broken", "from Step Functions")
    assert (cause.error, cause.state, cause.frame) == ("Broken", "A", "pii/steps.py:7 in classify")
    assert len(cause.cause) == CAUSE_CHARS


def test_a_failure_that_a_retry_mended_is_no_cause() -> None:
    rows = [failed("Broken", at=1), record(at=1, attempt=1)]
    assert first_cause(rows, "Broken", "said so").state == ""


def test_a_step_without_an_end() -> None:
    rows = [record(at=1), record("B", at=2, status=RecordStatus.STARTED)]
    cause = first_cause(rows, "States.Timeout", "")
    assert (cause.error, cause.state) == ("States.Timeout", "B")
    assert first_cause(rows, "", "").error == "Interlock.Interrupted"


def test_a_failure_without_a_step_has_no_frame() -> None:
    assert first_cause([], "", "").error == "States.Aborted"
    assert first_cause([record()], "Bad", "a Fail state").cause == "a Fail state"


def test_usage_counts_what_ran() -> None:
    rows = [
        failed("X", at=1, step_ms=5.0),
        record(at=1, attempt=1, step_ms=7.5),
        record(at=2, step_ms=100.0, reused="first#x#A"),
    ]
    used = usage(rows)
    assert (used.steps, used.attempts, used.step_ms) == (2, 2, 12.5)
