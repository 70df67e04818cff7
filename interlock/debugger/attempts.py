"""The visits of a run with all their attempts: which failed, which came right, and each in one line. Pure."""

import re
from collections.abc import Iterator, Sequence

from interlock.contract.fork import Position
from interlock.contract.run import RecordStatus, StepRecord, Usage

SHORT = 160
MAX_RETRIED = 6
_TRANSIENT = re.compile(
    r"Unavailable|Throttl|Time(d)?_?[oO]ut|TooManyRequests|Connection(Error|Reset|Refused|Aborted)|Interrupted|RateLimit"
)
Visit = tuple[StepRecord, ...]
"""The attempts of one visit, first one first."""


def visits_of(records: Sequence[StepRecord]) -> list[Visit]:
    """The attempts of each visit, in the order in which the visits were entered; visits without an end are left out."""
    values: dict[tuple[str, str, int, int | None, str], list[StepRecord]] = {}
    for record in records:
        key = (record.execution, record.state, record.redrive, record.index, record.entered + record.digest)
        values.setdefault(key, []).append(record)
    rows = [sorted(rows, key=lambda record: record.attempt) for rows in values.values()]
    ended = [_ended(row) for row in rows]
    return sorted((row for row in ended if row), key=lambda row: (row[0].entered, row[0].started))


def retried(visits: Sequence[Visit]) -> tuple[str, ...]:
    """Visits that failed and then succeeded, with the errors that a Retry mended."""
    rows: list[str] = []
    for visit in visits:
        failures = [record for record in visit if record.error is not None]
        if failures and not is_failed(visit):
            times = f"after {len(failures)} failed attempts" if len(failures) > 1 else "after a failed attempt"
            index = f"[{visit[0].index}]" if visit[0].index is not None else ""
            error = f"{error_of(failures[-1])}: {one_line(message_of(failures[-1]))}".removesuffix(": ")
            rows.append(f"{visit[0].state}{index} succeeded {times} ({error})")
    return tuple(rows[-MAX_RETRIED:])


def usage(records: Sequence[StepRecord]) -> Usage:
    """What the records add up to."""
    size, name = max(_payloads(records), default=(0, ""))
    return Usage(
        largest_bytes=size,
        largest=name,
        steps=len({(record.execution, record.state, record.entered, record.index) for record in records}),
        attempts=sum(not record.reused for record in records),
        step_ms=round(sum(record.step_ms for record in records if not record.reused), 3),
        effects=sum(len(record.effects) for record in records),
    )


def _payloads(records: Sequence[StepRecord]) -> Iterator[tuple[int, str]]:
    """The size of each input and output, and what it is."""
    for record in records:
        place = str(Position(record.state, record.index))
        yield record.input.size, f"input of {place}"
        if record.output is not None:
            yield record.output.size, f"output of {place}"


def _ended(rows: list[StepRecord]) -> Visit:
    """The attempts up to the last one that has an end."""
    last = max((at for at, row in enumerate(rows) if row.status is not RecordStatus.STARTED), default=-1)
    return tuple(rows[: last + 1])


def is_failed(visit: Visit) -> bool:
    """Whether the last attempt failed."""
    return visit[-1].status is RecordStatus.FAILED


def error_of(record: StepRecord) -> str:
    """The error's name; empty where it has none."""
    return record.error.name if record.error else ""


def overlap(one: Visit, other: Visit) -> bool:
    """Whether two visits were made at the same time: branches of a Parallel, items of a Map."""
    return one[0].started <= (other[-1].ended or "") and other[0].started <= (one[-1].ended or "")


def described(record: StepRecord) -> str:
    """`STATE[INDEX] failed with ERROR: MESSAGE`, less the message where there is none."""
    index = f"[{record.index}]" if record.index is not None else ""
    return f"{record.state}{index} failed with {error_of(record)}: {one_line(message_of(record))}".removesuffix(": ")


def message_of(record: StepRecord) -> str:
    """The error's message; empty where it has none."""
    return record.error.message if record.error else ""


def one_line(text: str) -> str:
    """A text on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else line[: SHORT - 1] + "…"


def is_transient(record: StepRecord) -> bool:
    """Whether the error is one that passes by itself: a limit, a timeout, a part that did not answer."""
    error = record.error
    if error is None or error.retryable is not None:
        return error is not None and error.retryable is True
    return bool(_TRANSIENT.search(error.name))
