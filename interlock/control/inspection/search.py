"""Searches runs: the narrowest index that a filter allows is read, the rest is filtered on the way.

  caused_by, event         the links of the cause
  fingerprint              gsi5, the group's runs by time
  app + workflow + status  gsi3
  status (or error)        gsi4
  ended_badly              gsi3 or gsi4, its two statuses merged
  anything else            gsi1, the tenant's runs by time
`since` and `until` bound the range of each. A request reads at most MAX_READ runs and fetches at most MAX_FETCHED
inputs or lists of pauses; then it answers with a cursor, with what it found so far.
Downside: a filter that few runs pass (a tag, an input field) takes several pages to come to an end.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.failure_groups import read_group
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import Json, moment, parse_moment
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.core.page import PageRequest
from interlock.contract.explain import FailureGroups
from interlock.contract.payload import canonical
from interlock.contract.run import PauseStatus, Run, RunStatus
from interlock.contract.search import RunFilter, RunPage
from interlock.control.inspection.sources import Between, CauseSource, IndexSource, MergedSource, Source
from interlock.debugger.paths import MISSING, look_up, parse_path

PAGE = 50
MAX_PAGE = 200
READ_PAGE = 100
MAX_READ = 1_000
MAX_FETCHED = 50
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
ENDED_BADLY = (RunStatus.FAILED, RunStatus.ABORTED)
TEXT_FILTERS = (
    "app",
    "install",
    "version",
    "workflow",
    "status",
    "state",
    "error",
    "fingerprint",
    "tag",
    "caused_by",
    "event",
)
FIRST, LAST = "0", "~"
"""They sort before and behind every time."""


def read_filter(fields: Mapping[str, str], now: datetime | None = None) -> RunFilter:
    """The filter that a query string asks for.

    Args:
        fields: its parameters; empty ones count as absent.
        now: what spans such as `2h` are counted from.

    Raises:
        BadRequest: a status, a time or a number that is none.
    """
    now = now or datetime.now(UTC)
    values: dict[str, Any] = {name: fields[name] for name in TEXT_FILTERS if fields.get(name)}
    if values.get("status") and values["status"] not in list(RunStatus):
        raise BadRequest(
            f"{values['status']!r} is not a status", where="status", next_step=f"Choose one of: {', '.join(RunStatus)}"
        )
    for name in ("since", "until"):
        if fields.get(name):
            values[name] = read_time(fields[name], name, now)
    for name in ("longer", "shorter"):
        if fields.get(name):
            values[f"{name}_s"] = _seconds(fields[name], name)
    for name in ("ended_badly", "forks", "dry"):
        if fields.get(name):
            values[name] = fields[name] == "true"
    if fields.get("input"):
        values |= _field(fields["input"])
    return RunFilter.model_validate(values)


def require_install(registry: Registry, tenant: str, wanted: str) -> None:
    """Refuse a filter by an install that the tenant never had; without a name, every install is meant.

    A list asks this only where no run passed, because a name costs a read of all of the tenant's installs.

    Raises:
        NotFound: no install, not even a removed one, has this id or this name.
    """
    if not wanted or registry.has_install(tenant, wanted):
        return
    # A name is looked for among all of the tenant's installs: there is no index by name alone.
    if not any(wanted == one.name for one in registry.installs(tenant, gone=True)):
        raise NotFound(
            f"there is no install {wanted}",
            where=f"tenant {tenant}",
            code="unknown-install",
            next_step="interlock install list --all",
        )


def search_runs(
    runs: Runs, bucket: str, tenant: str, wanted: RunFilter, page: PageRequest = PageRequest(PAGE)
) -> RunPage:
    """One page of the runs that a filter lets through, newest first.

    Raises:
        BadRequest: the limit is out of range, or the cursor is of another search.
    """
    check_limit(page.limit)
    source, cursor = source_of(runs, tenant, wanted), page.cursor
    test = Criteria(runs, bucket, wanted)
    passing: list[Run] = []
    read = 0
    while True:
        batch = source.read(between(wanted), min(READ_PAGE, MAX_READ - read), cursor)
        for at, (run, behind) in enumerate(batch.rows, start=1):
            if test.passes(run):
                passing.append(run)
            if len(passing) == page.limit or test.fetched >= MAX_FETCHED:
                return RunPage(runs=tuple(passing), cursor=behind, read=read + at)
        read += batch.read
        cursor = batch.cursor
        if cursor is None or read >= MAX_READ:
            return RunPage(runs=tuple(passing), cursor=cursor, read=read)


def list_failures(runs: Runs, tenant: str, limit: int = PAGE, cursor: str | None = None) -> FailureGroups:
    """One page of a tenant's failures, grouped by fingerprint, the group that failed last first."""
    check_limit(limit)
    page = runs.groups(tenant, limit=limit, cursor=cursor)
    return FailureGroups(groups=tuple(map(read_group, page.rows)), cursor=page.cursor)


def check_limit(limit: int) -> None:
    """Refuse a page that is too large."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadRequest(f"the limit must be 1 to {MAX_PAGE}", where="limit", next_step=f"Send limit={MAX_PAGE}.")


def source_of(runs: Runs, tenant: str, wanted: RunFilter) -> Source:
    """Where the runs of a filter are read from: the narrowest index that it allows."""
    whole = f"TEN#{tenant}"
    if wanted.caused_by or wanted.event:
        cause = f"run/{wanted.caused_by}" if wanted.caused_by else f"event/{wanted.event}"
        return CauseSource(runs, tenant, cause)
    if wanted.fingerprint:
        return IndexSource(runs, "gsi5", f"{whole}#FP#{wanted.fingerprint}")
    status = wanted.status or (RunStatus.FAILED if wanted.error else None)
    statuses = (status,) if status else ENDED_BADLY if wanted.ended_badly else ()
    if not statuses:
        return IndexSource(runs, "gsi1", whole)
    if wanted.app and wanted.workflow:
        group = f"{whole}#{wanted.app}#{wanted.workflow}"
        parts = [IndexSource(runs, "gsi3", group, f"{status.value}#") for status in statuses]
    else:
        parts = [IndexSource(runs, "gsi4", f"{whole}#{status.value}") for status in statuses]
    return parts[0] if len(parts) == 1 else MergedSource(parts)


class Criteria:
    """Whether runs pass a filter; counts what had to be fetched for it."""

    def __init__(self, runs: Runs, bucket: str, wanted: RunFilter) -> None:
        self.runs, self.bucket, self.wanted = runs, bucket, wanted
        self.path = parse_path(wanted.field)
        self.fetched = 0

    def passes(self, run: Run) -> bool:
        """Whether a run is one of those that are wanted; may read its records."""
        wanted = self.wanted
        plain = (
            (wanted.app, run.app),
            (wanted.version, run.version),
            (wanted.workflow, run.workflow),
            (wanted.status or "", run.status),
            (wanted.fingerprint, run.fingerprint),
        )
        if any(word and word != app_id for word, app_id in plain):
            return False
        if wanted.install and wanted.install not in (run.install, run.install_name):
            return False
        if wanted.tag and wanted.tag not in run.tags:
            return False
        if wanted.ended_badly and run.status not in ENDED_BADLY:
            return False
        if not self._kind(run) or not self._cause(run):
            return False
        return self._error(run) and self._duration(run) and self._state(run) and self._input(run)

    def input_of(self, run: Run) -> Json:
        """What a run started with; None where it is past its retention."""
        if not run.input.key:
            return run.input.value
        self.fetched += 1
        try:
            return Bodies(self.bucket, run.tenant, run.id).read(run.input)
        except NotFound:
            return None

    def _kind(self, run: Run) -> bool:
        forks, dry = self.wanted.forks, self.wanted.dry
        return forks in (None, run.fork is not None) and dry in (None, run.dry)

    def _cause(self, run: Run) -> bool:
        is_event = run.trigger.kind == "event" and run.trigger.id == self.wanted.event
        is_run = run.trigger.ancestry[-1:] == (self.wanted.caused_by,)
        return (not self.wanted.event or is_event) and (not self.wanted.caused_by or is_run)

    def _error(self, run: Run) -> bool:
        name = run.failed.error if run.failed else ""
        word = self.wanted.error
        return not word or name == word or name.endswith(f".{word}")

    def _duration(self, run: Run) -> bool:
        end = parse_moment(run.ended) if run.ended else datetime.now(UTC)
        took = (end - parse_moment(run.started)).total_seconds()
        longer, shorter = self.wanted.longer_s, self.wanted.shorter_s
        return (longer is None or took > longer) and (shorter is None or took < shorter)

    def _state(self, run: Run) -> bool:
        state = self.wanted.state
        if not state or (run.failed is not None and run.failed.state == state):
            return True
        if not run.open_pauses:
            return False
        self.fetched += 1
        stopped = (PauseStatus.WANTED, PauseStatus.WAITING)
        pauses = self.runs.pauses(run.tenant, run.id)
        return any(pause.state == state and pause.status in stopped for pause in pauses)

    def _input(self, run: Run) -> bool:
        if not self.path:
            return True
        item = look_up(self.input_of(run), self.path)
        return item is not MISSING and value_text(item) == value_text(self.wanted.value)


def between(wanted: RunFilter) -> Between:
    """The times between which runs of a filter started."""
    return wanted.since or FIRST, _after(wanted.until) if wanted.until else LAST


def _after(at: str) -> str:
    """Sorts behind every run that started at this moment or before."""
    return f"{at}{LAST}"


def read_time(text: str, where: str, now: datetime) -> str:
    """RFC 3339, or a span back from now."""
    if text[-1:] in _UNITS and text[:-1].isdigit():
        try:
            return moment(now - timedelta(**{_UNITS[text[-1]]: int(text[:-1])}))
        except OverflowError as error:
            raise BadRequest(f"{text!r} is too long ago", where=where, next_step="Write 2h, 7d or a time.") from error
    try:
        return moment(parse_moment(text))
    except ValueError as error:
        step = "Write 2026-01-31T12:00:00Z, or a span back from now such as 2h or 7d."
        raise BadRequest(f"{text!r} is not a time", where=where, next_step=step) from error


def _seconds(text: str, where: str) -> float:
    factor = {"s": 1, "m": 60, "h": 3600, "d": 86_400}.get(text[-1:], 0)
    try:
        return float(text[:-1]) * factor if factor else float(text)
    except ValueError as error:
        raise BadRequest(f"{text!r} is not a duration", where=where, next_step="Write seconds, or 5m, 2h.") from error


def _field(text: str) -> dict[str, Json]:
    """`FIELD=VALUE`, the value as JSON where it is JSON, else as text."""
    field, equals, written = text.partition("=")
    if not field or not equals:
        raise BadRequest(f"{text!r} does not name a field", where="input", next_step="Write input=customer.id=42.")
    try:
        value: Json = json.loads(written)
        canonical(value)
    except (ValueError, RecursionError):
        value = written
    return {"field": field, "value": value}


def value_text(value: Json) -> str:
    """A value as a person names it: text as it is, anything else as JSON; 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else canonical(value)
