"""Cron as EventBridge Scheduler reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.contract.cron import read_cron

# 2026-11-23 is a Monday.
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("0 10 * * ? *", "UTC", "2026-11-23T10:00"),
        ("30 9 * * ? *", "UTC", "2026-11-24T09:30"),
        ("15 12 * * ? *", "America/New_York", "2026-11-23T17:15"),
        ("0 18 ? * MON-FRI *", "UTC", "2026-11-23T18:00"),
        ("0 8 1 * ? *", "UTC", "2026-12-01T08:00"),
        ("0/10 * ? * MON-FRI *", "UTC", "2026-11-23T09:40"),
        ("0/5 8-17 ? * mon-fri *", "UTC", "2026-11-23T09:35"),
        ("0 9 ? * 2#1 *", "UTC", "2026-12-07T09:00"),
        ("0 9 ? * 3#5 *", "UTC", "2026-12-29T09:00"),
        ("0 10 ? * 6L 2027-2028", "UTC", "2027-01-29T10:00"),
        ("0 0 ? * L *", "UTC", "2026-11-28T00:00"),
        ("0 0 ? * 1,7 *", "UTC", "2026-11-28T00:00"),
        ("0 0 L * ? *", "UTC", "2026-11-30T00:00"),
        ("0 0 LW 1 ? 2027", "UTC", "2027-01-29T00:00"),
        ("0 0 15W 5 ? 2027", "UTC", "2027-05-14T00:00"),
        ("0 0 1W 5 ? 2027", "UTC", "2027-05-03T00:00"),
        ("0 0 31W 1 ? 2027", "UTC", "2027-01-29T00:00"),
        ("0 0 29 2 ? *", "UTC", "2028-02-29T00:00"),
        ("0 0 ? 2/4 SUN *", "UTC", "2027-02-07T00:00"),
        # The night of 28 March 2027 has no 02:30 in Berlin; that of 31 October has two.
        ("30 2 27-29 3 ? 2027", "Europe/Berlin", "2027-03-27T01:30"),
        ("30 2 28-29 3 ? 2027", "Europe/Berlin", "2027-03-29T00:30"),
        ("30 2 31 10 ? 2027", "Europe/Berlin", "2027-10-31T00:30"),
    ],
)
def test_the_next_times_of_a_schedule(text: str, zone: str, expected: str) -> None:
    result = read_cron(text).after(NOW, zone)
    assert result is not None
    assert result.isoformat()[:16] == expected


def test_a_schedule_that_is_over_has_no_next_time() -> None:
    assert read_cron("0 0 1 1 ? 2020-2026").after(NOW, "UTC") is None
    once = read_cron("30 2 31 10 ? 2027")
    assert once.after(datetime(2027, 10, 31, 1, 0, tzinfo=UTC), "Europe/Berlin") is None, "not again an hour later"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("0 10 * * *", "six fields"),
        ("0 10 * * * *", "write ?"),
        ("0 10 ? * ? *", "write ?"),
        ("60 10 * * ? *", "minutes: 60 is not in 0-59"),
        ("0 24 * * ? *", "hours: 24"),
        ("0 0 ? * 8 *", "day-of-week: 8 is not in 1-7 or SUN-SAT"),
        ("0 0 ? * MONDAY *", "day-of-week: MONDAY"),
        ("0 0 0 * ? *", "day-of-month: 0"),
        ("0 0 32W * ? *", "day-of-month: 32"),
        ("0 0 1 13 ? *", "month: 13"),
        ("0 0 1 1 ? 1969", "year: 1969"),
        ("5-1 * * * ? *", "ends before it begins"),
        ("*/0 * * * ? *", "the step after /"),
        ("0/x * * * ? *", "the step after /"),
        (", * * * ? *", "minutes: nothing"),
        ("0 0 30 2 ? *", "the day does not exist in any year"),
        ("0 0 29 2 ? 2027", "the day does not exist in any year"),
        ("0 0 ? * 2#6 *", "day-of-week"),
        ("@daily", "six fields"),
    ],
)
def test_a_wrong_schedule_says_what_is_wrong(text: str, fields: str) -> None:
    with pytest.raises(ValueError) as refusal:
        read_cron(text)
    assert fields in str(refusal.value)


@given(
    minute=st.sets(st.integers(0, 59), min_size=1, max_size=3),
    hour=st.sets(st.integers(0, 23), min_size=1, max_size=3),
    weekday=st.sets(st.integers(1, 7), min_size=1, max_size=3),
    hours_later=st.integers(0, 24 * 400),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_the_next_time_is_the_first_that_fits(
    minute: set[int], hour: set[int], weekday: set[int], hours_later: int, zone: str
) -> None:
    def words(numbers: set[int]) -> str:
        return ",".join(map(str, numbers))

    begun = NOW + timedelta(hours=hours_later)
    result = read_cron(f"{words(minute)} {words(hour)} ? * {words(weekday)} *").after(begun, zone)
    assert result is not None
    seen = begun
    while True:
        seen += timedelta(minutes=1)
        local = seen.astimezone(ZoneInfo(zone))
        fits = local.minute in minute and local.hour in hour and local.isoweekday() % 7 + 1 in weekday
        if fits and local.fold == 0:
            break
    assert result == seen
