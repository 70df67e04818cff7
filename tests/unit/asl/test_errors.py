"""Which errors Retry and Catch match, and how long a retry waits."""

import pytest

from interlock.asl import errors
from interlock.asl.retry import catcher_of, next_retry
from interlock.asl.values import Object


@pytest.mark.parametrize(
    ("names", "error", "result"),
    [
        (["States.ALL"], "Boom", True),
        (["States.ALL"], None, True),
        (["States.ALL"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", False),
        (["States.ALL"], "States.DataLimitExceeded", True),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.ALL"], "States.QueryEvaluationError", True),
        (["States.TaskFailed"], "Boom", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.Runtime", False),
        (["Other", "Boom"], "Boom", True),
        (["Other"], "Boom", False),
    ],
)
def test_error_equals_matches_as_aws_does(names: list[str], error: str | None, result: bool) -> None:
    assert errors.matches(names, error) is result
    assert (catcher_of([{"ErrorEquals": [*names], "Next": "N"}], error) is not None) is result


def test_retry_waits_longer_each_time_up_to_its_cap() -> None:
    retriers: list[Object] = [
        {"ErrorEquals": ["Boom"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxDelaySeconds": 10, "MaxAttempts": 3}
    ]
    delays = [retry.seconds for count in range(4) if (retry := next_retry(retriers, "Boom", {0: count}))]
    assert delays == [3, 6, 10]


def test_retry_of_the_first_entry_that_matches_decides() -> None:
    retriers: list[Object] = [{"ErrorEquals": ["Boom"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    assert next_retry(retriers, "Boom", {}) is None
    other = next_retry(retriers, "Other", {})
    assert other is not None and (other.entry, other.seconds, other.jitter) == (1, 1, False)


def test_retry_of_a_huge_backoff_is_bounded() -> None:
    retry = next_retry([{"ErrorEquals": ["X"], "BackoffRate": 1e300, "MaxAttempts": 99}], "X", {0: 50})
    assert retry is not None and retry.seconds < 1e9


def test_cause_begins_with_the_state_once() -> None:
    named = errors.in_state(errors.runtime("It is not there."), "A", 2)
    cause = "An error occurred while executing the state 'A' (entered at the event id #2). It is not there."
    assert named.cause == cause
    assert errors.in_state(named, "B").cause == cause
