"""EventBridge's cron expressions: whether one is one, and when it comes next.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIRST_YEAR, LAST_YEAR = 1970, 2199
Days = Callable[[date], bool]


@dataclass(frozen=True)
class Cron:
    """An expression that was read: the times of a day, the days, the months and the years that it names."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    years: frozenset[int]
    day: Days

    def days(self, since: date) -> Iterator[date]:
        """The days that it names, from this one on."""
        for year in sorted(year for year in self.years if year >= since.year):
            for month in sorted(self.months):
                for number in range(1, calendar.monthrange(year, month)[1] + 1):
                    day = date(year, month, number)
                    if day >= since and self.day(day):
                        yield day

    def after(self, moment: datetime, zone: str) -> datetime | None:
        """The first time after a moment, in UTC; None where there is none any more.

        A time that a change of the clock leaves out does not occur, and one that comes twice occurs once.

        Args:
            moment: an aware time.
            zone: the schedule's time zone.
        """
        place = ZoneInfo(zone)
        for day in self.days(moment.astimezone(place).date()):
            for hour in self.hours:
                for minute in self.minutes:
                    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=place)
                    time = local.astimezone(UTC)
                    if time > moment and time.astimezone(place).replace(tzinfo=None) == local.replace(tzinfo=None):
                        return time
        return None


def read_cron(text: str) -> Cron:
    """Read the six fields between the parentheses of `cron(…)`.

    Raises:
        ValueError: it is no expression of EventBridge's, or names no day that there is.
    """
    fields = text.upper().split()
    if len(fields) != 6:
        raise ValueError(
            f"cron has six fields (minutes hours day-of-month month day-of-week year), and this has {len(fields)}"
        )
    minutes, hours, day, months, weekday, years = fields
    if (day == "?") == (weekday == "?"):
        raise ValueError("write ? for day-of-month or for day-of-week, and not for both")
    cron = Cron(
        minutes=tuple(sorted(_numbers("minutes", minutes, 0, 59))),
        hours=tuple(sorted(_numbers("hours", hours, 0, 23))),
        months=_numbers("month", months, 1, 12, MONTHS),
        years=_numbers("year", years, FIRST_YEAR, LAST_YEAR),
        day=_day_of_month(day) if weekday == "?" else _day_of_week(weekday),
    )
    if next(cron.days(date(FIRST_YEAR, 1, 1)), None) is None:
        raise ValueError(f"the day does not exist in any year: {day} {months}")
    return cron


def _numbers(field: str, text: str, least: int, most: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """The numbers of a field: `*`, `1`, `1-5`, `1,2`, `0/15`, `*/15`, `1-30/5`."""
    numbers: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if slash and not (step.isdigit() and int(step) > 0):
            raise ValueError(f"{field}: {part}: the step after / is a number from 1")
        if span == "*":
            start, end = least, most
        else:
            start = _number(field, first, least, most, names)
            end = _number(field, last, least, most, names) if dash else most if slash else start
        if start > end:
            raise ValueError(f"{field}: {part} ends before it begins")
        numbers.update(range(start, end + 1, int(step) if slash else 1))
    return frozenset(numbers)


def _number(field: str, text: str, least: int, most: int, names: tuple[str, ...]) -> int:
    value = names.index(text) + least if text in names else int(text) if text.isdigit() else -1
    if not least <= value <= most:
        named = f" or {names[0]}-{names[-1]}" if names else ""
        raise ValueError(f"{field}: {text or 'nothing'} is not in {least}-{most}{named}")
    return value


def _day_of_month(text: str) -> Days:
    """`L` is the last day, `LW` the last weekday, `15W` the weekday nearest to the 15th; or numbers."""
    if text == "L":
        return lambda day: day.day == _length(day)
    if text == "LW":
        return lambda day: day == _weekday_near(day, _length(day))
    if match := re.fullmatch(r"(\d{1,2})W", text):
        number = _number("day-of-month", match[1], 1, 31, ())
        return lambda day: number <= _length(day) and day == _weekday_near(day, number)
    numbers = _numbers("day-of-month", text, 1, 31)
    return lambda day: day.day in numbers


def _day_of_week(text: str) -> Days:
    """`L` is Saturday, `6L` the month's last Friday, `3#2` its second Tuesday; or numbers, Sunday is 1."""
    if text == "L":
        return lambda day: _sunday_first(day) == len(WEEKDAYS)
    if match := re.fullmatch(r"(\w+)L", text):
        last = _number("day-of-week", match[1], 1, 7, WEEKDAYS)
        return lambda day: _sunday_first(day) == last and day.day > _length(day) - 7
    if match := re.fullmatch(r"(\w+)#([1-5])", text):
        weekday, nth = _number("day-of-week", match[1], 1, 7, WEEKDAYS), int(match[2])
        return lambda day: _sunday_first(day) == weekday and (day.day - 1) // 7 + 1 == nth
    numbers = _numbers("day-of-week", text, 1, 7, WEEKDAYS)
    return lambda day: _sunday_first(day) in numbers


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _sunday_first(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _weekday_near(day: date, number: int) -> date:
    """The day from Monday to Friday that is nearest to a day of the month, and in the month."""
    wanted = day.replace(day=number)
    match wanted.isoweekday():
        case 6:
            return wanted.replace(day=number - 1 if number > 1 else number + 2)
        case 7:
            return wanted.replace(day=number + 1 if number < _length(day) else number - 2)
        case _:
            return wanted
