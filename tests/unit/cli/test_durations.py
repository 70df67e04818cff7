"""Spans of time as people type them."""

import pytest

from interlock.cli.terminal.durations import seconds_of
from interlock.contract.core.failure import BadRequest


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604_800)])
def test_a_span_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert seconds_of(text, "--for") == seconds


@pytest.mark.parametrize("text", ["", "h", "2", "2 h", "-2h", "2.5h", "2w", "2H", "2h\n2h", "P3D"])
def test_anything_else_is_refused_by_its_option(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        seconds_of(text, "--for")
    assert caught.value.where == "--for"
    assert "2h" in caught.value.next_step
