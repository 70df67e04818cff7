"""What a schedule says, and what became of its times."""

import re
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from interlock.contract.core.base import AppId, Document, Moment, Name, TenantId
from interlock.contract.cron import read_cron

EXPRESSION = r"^(rate\([1-9]\d{0,5} (minutes?|hours?|days?)\)|cron\([^)]+\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))$"
EXPRESSION_FORM = "rate(5 minutes), cron(0 8 * * ? *) or at(2026-01-31T12:00:00)"
"""What an expression looks like."""
SPAN = r"^[1-9]\d{0,3} (minutes?|hours?)$"
MAX_JITTER_MINUTES = 1_440
"""https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html"""
LATE_SECONDS = 900
"""A time that is served later than this (and its jitter) was missed."""
Missed = Literal["skip", "run_once"]


class ScheduleState(Document):
    """What became of a schedule's times, for one install."""

    tenant: TenantId
    install: str
    workflow: Name
    trigger: str
    last: Moment | None = None
    """The newest time that became a run."""
    run: str = ""
    skipped: int = 0
    skipped_at: Moment | None = None
    """The time that was skipped last."""
    why: str = ""
    caught_up: Moment | None = None
    """When the run began that made up for missed times: those up to here are covered by it."""
    caught_by: str = ""
    owed: str = ""
    """The time that was missed while the install was switched off, and is a dead letter."""


class ScheduleRow(Document):
    """A schedule of an install, as people see it."""

    install: str
    app: AppId
    install_name: str = ""
    workflow: Name
    schedule: str
    timezone: str
    jitter: str = ""
    missed: Missed = "run_once"
    state: ScheduleState | None = None
    next: Moment | None = None
    """None of `rate` before its first run, and of what has no time any more."""


class ScheduleList(Document):
    """The schedules of a page of a tenant's installs."""

    schedules: tuple[ScheduleRow, ...] = Field(default=())
    cursor: str | None = None
    """The next page; it may be there though this one is empty."""


def check_expression(text: str) -> str:
    """The expression, whose times exist where it is `at(…)` or `cron(…)`.

    Raises:
        ValueError: there are no such times.
    """
    kind, phrase = parts_of(text)
    if kind == "at":
        datetime.fromisoformat(phrase)
    elif kind == "cron":
        read_cron(phrase)
    return text


def parts_of(expression: str) -> tuple[str, str]:
    """`rate`, `cron` or `at`, and what stands between its parentheses."""
    kind, _, text = expression.removesuffix(")").partition("(")
    return kind, text


def check_zone(name: str) -> str:
    """The time zone, by its name in the IANA database.

    Raises:
        ValueError: there is none of this name.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone: write a name such as Europe/Berlin") from error
    return name


def check_jitter(span: str) -> str:
    """The jitter, if it is one.

    Raises:
        ValueError: it is none.
    """
    minutes_of(span)
    return span


def minutes_of(span: str) -> int:
    """The minutes of a jitter such as `5 minutes`; 0 for none.

    Raises:
        ValueError: more than EventBridge Scheduler takes.
    """
    if not span:
        return 0
    if not re.match(SPAN, span):
        raise ValueError(f"{span!r} is not an interval: write for example `5 minutes` or `1 hour`")
    number, unit = span.split()
    minutes = int(number) * (60 if unit.startswith("hour") else 1)
    if minutes > MAX_JITTER_MINUTES:
        raise ValueError(f"the jitter must be at most {MAX_JITTER_MINUTES} minutes")
    return minutes
