"""Times as text: written in UTC with milliseconds, read from whatever RFC 3339 and ISO 8601 allow."""

import pytest

from interlock.contract.core.base import moment, parse_moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.000Z",
        "2026-01-31T13:00:00+01:00",
        "2026-01-31T12:00:00",
        "20260131T120000",
    ],
)
def test_a_time_is_read_in_any_form(text: str) -> None:
    assert moment(parse_moment(text)) == "2026-01-31T12:00:00.000Z"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"])
def test_what_is_not_a_time_in_utc_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(text)
