"""Where a search reads runs from: a partition of an index, several that are merged, or the links of a cause.

Each reads newest first. A cursor of an index is DynamoDB's own; one of the others is the sort key of the last run.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

from interlock.aws.tables.caused_runs import CausedRun, CausedRuns
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Page, Row
from interlock.contract.core.failure import BadRequest
from interlock.contract.run import Run

Between = tuple[str, str]
"""The first and the last time, `STARTED` or `STARTED#RUN`."""


class Batch(NamedTuple):
    """Runs as they were read, each with the cursor behind it (None at the end), and the cursor behind them all."""

    rows: Sequence[tuple[Run, str | None]]
    cursor: str | None
    read: int
    """How many items were read for them: a link may lead to a run that is past its retention."""


class Source(Protocol):
    """Reads runs, newest first."""

    def read(self, between: Between, limit: int, cursor: str | None) -> Batch:
        """The next runs behind a cursor."""
        ...


@dataclass(frozen=True)
class IndexSource:
    """One partition of an index."""

    runs: Runs
    index: str
    pk: str
    prefix: str = ""
    """What the sort key has before the time."""

    def read(self, between: Between, limit: int, cursor: str | None) -> Batch:
        """The next runs of the partition."""
        low, high = (f"{self.prefix}{time}" for time in between)
        page = self.runs.search(self.pk, self.index, (low, high), limit, cursor)
        rows = [(row.read(Run), self._behind(row, page)) for row in page.rows]
        return Batch(rows, page.cursor, len(rows))

    def _behind(self, row: Row, page: Page) -> str | None:
        if page.cursor is None and row is page.rows[-1]:
            return None
        parts = ("pk", "sk", f"{self.index}pk", f"{self.index}sk")
        return json.dumps({word: row.attributes[word] for word in parts})


@dataclass(frozen=True)
class MergedSource:
    """Several partitions of an index as one."""

    parts: Sequence[IndexSource]

    def read(self, between: Between, limit: int, cursor: str | None) -> Batch:
        """The next runs of all partitions: the newest of each are read, and of those the newest are answered."""
        before = _read_cursor(cursor)
        batches = [part.read(_up_to(between, before), limit + 1, None) for part in self.parts]
        rows = sorted((run for batch in batches for run, _ in batch.rows), key=_sort_key, reverse=True)
        newer = [run for run in rows if _sort_key(run) != before]
        is_last = len(newer) <= limit and all(batch.cursor is None for batch in batches)
        return _batch(newer[:limit], is_last, len(rows))


@dataclass(frozen=True)
class CauseSource:
    """The runs that an event started, or that a run caused."""

    runs: Runs
    tenant: str
    cause: str
    """`run/ID` or `event/ID`."""

    def read(self, between: Between, limit: int, cursor: str | None) -> Batch:
        """The next runs of the cause, as they are now."""
        before = _read_cursor(cursor)
        links = CausedRuns(self.runs.table)
        page = links.page(self.tenant, self.cause, _up_to(between, before), min(limit + 1, MAX_LINKS))
        names = [row.read(CausedRun).run for row in page.rows if row.key.sk != before]
        runs = self.runs.find_all(self.tenant, names)
        return _batch(runs, page.cursor is None, len(names), page.rows[-1].key.sk if page.rows else "")


MAX_LINKS = 100
"""BatchGetItem reads so many items:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""


def _batch(runs: Sequence[Run], is_last: bool, read: int, last: str = "") -> Batch:
    cursors = [_cursor(_sort_key(run)) for run in runs]
    end = None if is_last else _cursor(last) if last else cursors[-1] if cursors else None
    if is_last and cursors:
        cursors[-1] = None
    return Batch(list(zip(runs, cursors, strict=True)), end, read)


def _sort_key(run: Run) -> str:
    return f"{run.started}#{run.id}"


def _up_to(between: Between, before: str) -> Between:
    low, high = between
    return (low, max(before, low)) if before and before < high else (low, high)


def _cursor(before: str) -> str | None:
    return json.dumps({"before": before})


def _read_cursor(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        before = cast(dict[str, object], json.loads(cursor))["before"]
    except (ValueError, KeyError, TypeError):
        before = None
    if not isinstance(before, str):
        raise BadRequest("the cursor belongs to another list", where="cursor", next_step="Begin without a cursor.")
    return before
