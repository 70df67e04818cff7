"""The log of a run: the lines that its steps printed and logged, read from CloudWatch Logs, one call a page.

Each line is JSON and carries the run, because the SDK writes it so. A version's functions serve many tenants and runs:
only lines of this run of this tenant are answered.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from interlock.aws.services.logs import find_lines
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import BadRequest
from interlock.contract.log import LogLine, LogPage
from interlock.contract.registry import Version
from interlock.contract.run import Run
from interlock.control.inspection.recorded_step import RecordedStepContext
from interlock.control.inspection.search import read_time

SLACK = timedelta(seconds=5)
"""The clocks of functions differ a little, and a line may be written after the run's end was."""
_OWN_KEYS = {
    "level", "message", "timestamp", "logger", "run", "tenant", "install", "install_name", "app", "version", "step",
    "state", "attempt", "index", "dry", "exception",
}  # fmt: skip


class LogFilter(NamedTuple):
    """Which lines of a run are answered: all by default."""

    state: str = ""
    since: str = ""
    """From this time on: RFC 3339 in UTC, or a span back from now."""


EVERY_LINE = LogFilter()


def list_logs(
    context: RecordedStepContext, tenant: str, run: str, wanted: LogFilter = EVERY_LINE, cursor: str | None = None
) -> LogPage:
    """A page of the lines of a run, function by function, and within one in the order of time.

    Args:
        context: what reading recorded steps works with.
        tenant: the tenant.
        run: the run.
        wanted: which lines.
        cursor: the `cursor` of the page before.

    Raises:
        NotFound: the tenant has no such run.
        BadRequest: the cursor is of another list, or `since` is no time.
    """
    current = context.runs.find(tenant, run).item
    groups = _groups(context.registry.version(current.app, current.version).item)
    number, token = _place(cursor, len(groups))
    if not groups:
        return LogPage(lines=())
    start = parse_moment(current.started) - SLACK
    if wanted.since:
        start = max(start, parse_moment(read_time(wanted.since, "since", datetime.now(UTC))))
    end = parse_moment(current.ended) + SLACK if current.ended else None
    if end is not None and start > end:
        # CloudWatch Logs refuses such a span.
        return LogPage(lines=())
    answer = find_lines(groups[number], run, _milliseconds(start), _milliseconds(end) if end else None, token)
    lines = [line for text in answer.lines if (line := read_line(text, current)) and wanted.state in ("", line.state)]
    if answer.token:
        return LogPage(lines=tuple(lines), cursor=f"{number}.{answer.token}")
    following = f"{number + 1}." if number + 1 < len(groups) else None
    return LogPage(lines=tuple(lines), cursor=following)


def read_line(text: str, run: Run) -> LogLine | None:
    """The line that a function wrote, if it is one of this run. Pure.

    Args:
        text: what CloudWatch has.
        run: the run.
    """
    try:
        row: Any = json.loads(text)
    except ValueError:
        return None
    if not isinstance(row, dict):
        return None
    row = cast(dict[str, Any], row)
    if row.get("run") != run.id or row.get("tenant") != run.tenant:
        return None
    fields = {name: value for name, value in row.items() if name not in _OWN_KEYS}
    known = {name: row[name] for name in LogLine.model_fields if name in row and name not in ("at", "fields")}
    try:
        return LogLine.model_validate(known | {"at": row.get("timestamp", ""), "fields": fields})
    except ValueError:
        return None


def _milliseconds(at: datetime) -> int:
    """Since the epoch."""
    return int(at.timestamp() * 1000)


def _groups(version: Version) -> list[str]:
    return sorted({f"/aws/lambda/{plan.function}" for plan in version.steps.values()})


def _place(cursor: str | None, groups: int) -> tuple[int, str]:
    """The number of the group where a page begins, and CloudWatch's token in it."""
    number, _, token = (cursor or "0.").partition(".")
    if not number.isascii() or not number.isdigit() or int(number) >= max(groups, 1):
        raise BadRequest("the cursor belongs to another list", where="cursor", next_step="Begin without a cursor.")
    return int(number), token
