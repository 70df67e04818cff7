"""Queries over runs: the filters of the list as one text, and the runs that pass counted in groups.

    status:failed app:acme/pii-tagger since:7d input.customer.id:42

Each word is NAME:VALUE, a value with spaces in quotes. Nothing of it is evaluated: a name is one of a list, and a path
in the input is looked up (ADR 0040).
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import BadRequest
from interlock.contract.core.suggest import closest
from interlock.contract.run import Run
from interlock.contract.run_summary import INPUT, MAX_BY, GroupField, RunGroup, RunSummary
from interlock.contract.search import RunFilter
from interlock.control.inspection.search import (
    ENDED_BADLY,
    READ_PAGE,
    TEXT_FILTERS,
    Criteria,
    between,
    read_filter,
    source_of,
    value_text,
)
from interlock.debugger.paths import MISSING, look_up, parse_path

MAX_READ = 5_000
"""Runs that one summary looks at: about 15 MB of the index, some seconds of the 30 of a call."""
MAX_FETCHED = 200
"""Inputs and lists of pauses that are read for it: each is a call of about 20 ms."""
MAX_GROUPS = 100
"""Groups of an answer; a table of more is not read."""
MAX_QUERY_CHARS = 1_000
MAX_KEY_CHARS = 80
"""Of a value in the input or of a title that names a group."""
NAMES = (*TEXT_FILTERS, "since", "until", "longer", "shorter", "ended_badly", "forks", "dry")
"""What a word of a query may name: the filters of the list of runs."""


def read_query(text: str) -> RunFilter:
    """The filter that a query means.

    Raises:
        BadRequest: it is too long, a quote is open, a word names no filter, or a value is none of its filter.
    """
    if len(text) > MAX_QUERY_CHARS:
        step = "Leave some of its words out."
        raise BadRequest(f"a query has at most {MAX_QUERY_CHARS} characters", where="query", next_step=step)
    try:
        parts = shlex.split(text)
    except ValueError as error:
        raise BadRequest("a quote in the query is not closed", where="query", next_step="Close the quote.") from error
    fields: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition(":")
        key = "input" if name.startswith(INPUT) else name
        if not value or name == INPUT or (key == name and name not in NAMES):
            raise _unknown(part, name)
        if key in fields:
            step = "Name each filter once."
            raise BadRequest(f"the query names {name} twice", where="query", next_step=step)
        fields[key] = f"{name.removeprefix(INPUT)}={value}" if key == "input" else value
    return read_filter(fields)


@dataclass(frozen=True)
class Grouping:
    """What runs are grouped by.

    Attributes:
        by: fields of `GroupField`, or `input.PATH`; none for the total alone.
        zone: the IANA time zone of days and hours.
    """

    by: tuple[str, ...]
    zone: str = "UTC"


def summarize_runs(runs: Runs, bucket: str, tenant: str, wanted: RunFilter, grouping: Grouping) -> RunSummary:
    """The newest runs that a filter lets through, at most MAX_READ looked at, counted in groups.

    Args:
        runs: the table.
        bucket: the bucket of bodies.
        tenant: whose runs.
        wanted: which of them.
        grouping: how they are counted.

    Raises:
        BadRequest: a field or a zone that does not exist, or too many fields.
    """
    keys = _Keys(_checked(grouping.by), _zone(grouping.zone))
    source, cursor = source_of(runs, tenant, wanted), None
    test = Criteria(runs, bucket, wanted)
    groups: dict[tuple[str, ...], _Group] = {}
    total, read, whole, oldest = _Group(), 0, False, None
    while not whole and read < MAX_READ and test.fetched < MAX_FETCHED:
        batch = source.read(between(wanted), min(READ_PAGE, MAX_READ - read), cursor)
        for run, _ in batch.rows:
            oldest = run.started
            if test.passes(run):
                total.add(run)
                for key in keys.of(run, test):
                    groups.setdefault(key, _Group()).add(run)
        read += batch.read
        cursor = batch.cursor
        whole = cursor is None
    rows = sorted(groups.items(), key=keys.order)
    return RunSummary(
        by=keys.by,
        zone=grouping.zone,
        groups=tuple(group.answer(key) for key, group in rows[:MAX_GROUPS]),
        more_groups=max(0, len(rows) - MAX_GROUPS),
        total=total.answer(()),
        read=read,
        whole=whole,
        back_to=oldest,
    )


@dataclass
class _Group:
    """The runs of a group while they are counted."""

    runs: int = 0
    failed: int = 0
    steps: int = 0
    took: list[float] = field(default_factory=list[float])

    def add(self, run: Run) -> None:
        """Count one more."""
        self.runs += 1
        self.failed += run.status in ENDED_BADLY
        self.steps += run.usage.steps
        if run.ended:
            self.took.append((parse_moment(run.ended) - parse_moment(run.started)).total_seconds())

    def answer(self, keys: tuple[str, ...]) -> RunGroup:
        """The group as it is answered."""
        took = sorted(self.took)
        return RunGroup(
            keys=keys,
            runs=self.runs,
            failed=self.failed,
            open=self.runs - len(took),
            steps=self.steps,
            p50_s=_percentile(took, 50),
            p95_s=_percentile(took, 95),
            longest_s=took[-1] if took else None,
        )


@dataclass(frozen=True)
class _Keys:
    """How runs are grouped."""

    by: tuple[str, ...]
    zone: ZoneInfo

    def of(self, run: Run, test: Criteria) -> list[tuple[str, ...]]:
        """The groups that a run belongs to: one, or one for each of its tags; none where nothing is grouped by."""
        keys: list[tuple[str, ...]] = [()] if self.by else []
        for name in self.by:
            keys = [(*key, value) for key in keys for value in self._values(run, name, test)]
        return keys

    def order(self, row: tuple[tuple[str, ...], _Group]) -> tuple[int, str, tuple[str, ...]]:
        """Where a group stands in the answer."""
        key, group = row
        if self.by[0] in (GroupField.DAY, GroupField.HOUR):
            return 0, key[0], key
        return -group.runs, "", key

    def _values(self, run: Run, name: str, test: Criteria) -> tuple[str, ...]:
        if name.startswith(INPUT):
            item = look_up(test.input_of(run), parse_path(name.removeprefix(INPUT)))
            return ("" if item is MISSING else value_text(item)[:MAX_KEY_CHARS],)
        wanted = GroupField(name)
        match wanted:
            case GroupField.APP | GroupField.VERSION | GroupField.WORKFLOW | GroupField.STATUS as plain:
                return (str(getattr(run, plain)),)
            case GroupField.INSTALL:
                return (run.install_name,)
            case GroupField.STATE | GroupField.ERROR as of_failure:
                return (str(getattr(run.failed, of_failure)) if run.failed else "",)
            case GroupField.TRIGGER:
                return (run.trigger.name,)
            case GroupField.TAG:
                return run.tags or ("",)
            case GroupField.TITLE:
                return (run.title[:MAX_KEY_CHARS],)
            case GroupField.DAY | GroupField.HOUR as span:
                at = parse_moment(run.started).astimezone(self.zone)
                return (f"{at:%Y-%m-%d}" if span is GroupField.DAY else f"{at:%Y-%m-%dT%H:00%z}",)
            case _:
                assert_never(wanted)


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest rank: the smallest value that so many percent do not exceed."""
    return ordered[ceil(len(ordered) * percent / 100) - 1] if ordered else None


def _checked(by: Sequence[str]) -> tuple[str, ...]:
    fields = [str(name) for name in GroupField]
    if len(by) > MAX_BY:
        raise BadRequest(f"runs are grouped by at most {MAX_BY} fields", where="by", next_step="Name fewer fields.")
    for name in by:
        if name not in fields and not (name.startswith(INPUT) and parse_path(name.removeprefix(INPUT))):
            step = f"Choose from: {', '.join(fields)}, input.PATH"
            raise BadRequest(f"runs are not grouped by {name[:MAX_KEY_CHARS]!r}", where="by", next_step=step)
    return tuple(dict.fromkeys(by))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        step = "Name a zone of the IANA list, such as Europe/Berlin."
        raise BadRequest(f"{name[:MAX_KEY_CHARS]!r} is not a time zone", where="zone", next_step=step) from error


def _unknown(part: str, name: str) -> BadRequest:
    shown = part[:MAX_KEY_CHARS]
    close = closest(name, NAMES)
    hint = f"Did you mean {close}? " if close else ""
    return BadRequest(
        f"{shown!r} is not a word of a query",
        where="query",
        code="unknown-filter",
        next_step=f"{hint}Write NAME:VALUE; the names are {', '.join(NAMES)} and input.PATH.",
    )
