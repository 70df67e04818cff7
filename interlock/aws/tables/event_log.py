"""The archive: every event of a tenant's bus, kept for 30 days (ADR 0013); by tenant and hour: no partition grows."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.table import Key, Table
from interlock.contract.core import limits
from interlock.contract.core.base import Json, parse_moment
from interlock.contract.logged_event import LoggedEvent

KEEP_SECONDS = limits.EVENT_DAYS * 86_400
MAX_HOURS = 24
"""How far back one call reads."""
FOLDER = "events"
"""Stands for the run in the keys of bodies that are too large for an item."""


class EventLog:
    """The events of every tenant, in the table of runs."""

    def __init__(self, table: str, bucket: str) -> None:
        """Name table and bucket; nothing is called."""
        self.table = Table(table)
        self.bucket = bucket

    def keep(self, tenant: str, event: LoggedEvent) -> None:
        """Keep one event; a second delivery overwrites the first."""
        body = Bodies(self.bucket, tenant, FOLDER).keep(event.detail)
        slim = event.model_copy(update={"detail": None, "body": body}) if body.key else event
        key = Key(pk=_hour(tenant, event.time[:13]), sk=f"{event.time}#{event.id}")
        self.table.put(key, slim, extra={"expires": int(time.time()) + KEEP_SECONDS})

    def since(self, tenant: str, since: str) -> Iterator[LoggedEvent]:
        """Events from a moment on, oldest first, at most MAX_HOURS of them."""
        now = datetime.now(UTC)
        at = max(parse_moment(since), now - timedelta(hours=MAX_HOURS))
        hour = at.replace(minute=0, second=0, microsecond=0)
        while hour <= now:
            for row in self.table.query_all(_hour(tenant, f"{hour:%Y-%m-%dT%H}")):
                event = row.read(LoggedEvent)
                if parse_moment(event.time) >= at:
                    yield event.model_copy(update={"detail": self.detail(tenant, event), "body": None})
            hour += timedelta(hours=1)

    def page(self, tenant: str, hour: str, after: str, limit: int) -> tuple[list[tuple[str, LoggedEvent]], bool]:
        """Events of an hour behind a sort key, oldest first, with their sort keys; and whether there are more."""
        low = f"{after}\x00" if after else "0"
        page = self.table.query(_hour(tenant, hour), between=(low, "~"), limit=limit)
        return [(row.key.sk, row.read(LoggedEvent)) for row in page.rows], page.cursor is not None

    def detail(self, tenant: str, event: LoggedEvent) -> Json:
        """The detail of an event, from wherever it lies."""
        return Bodies(self.bucket, tenant, FOLDER).read(event.body) if event.body else event.detail


def _hour(tenant: str, hour: str) -> str:
    return f"EVT#{tenant}#{hour}"
