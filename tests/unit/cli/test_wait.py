"""Waiting for the platform: the first answer that is not None, or an error that says what to do."""

import pytest

from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import Unavailable


def test_the_first_answer_ends_the_wait() -> None:
    answers = iter([None, None, "ready", "later"])
    assert until(lambda: next(answers), seconds=5, what="it", next_step="Look.") == "ready"
    assert next(answers) == "later"


def test_an_answer_that_is_false_is_an_answer() -> None:
    assert until(lambda: 0, seconds=5, what="it", next_step="Look.") == 0


def test_it_is_asked_once_even_without_time() -> None:
    assert until(lambda: "at once", seconds=0, what="it", next_step="Look.") == "at once"


def test_a_wait_that_is_too_long_names_what_and_what_to_do() -> None:
    with pytest.raises(Unavailable, match="the run did not come within 0 s") as caught:
        until(lambda: None, seconds=0.01, what="the run", next_step="Look at it: interlock run show")
    assert (caught.value.code, caught.value.next_step) == ("timed-out", "Look at it: interlock run show")
