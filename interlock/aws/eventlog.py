"""The tenants' recent events, kept for a week for people to read; by tenant and hour, so that no partition grows."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from interlock.aws.items import Key, Table
from interlock.contract.base import Document, Json, parse_moment

KEEP_SECONDS = 7 * 86_400
MAX_HOURS = 24
"""How far back one call reads."""


class LoggedEvent(Document):
    """One event as EventBridge delivered it."""

    id: str
    source: str
    name: str
    time: str
    detail: Json


class EventLog:
    """Recent events of every tenant, in the table of runs."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def keep(self, tenant: str, event: LoggedEvent) -> None:
        """Keep one event; a second delivery overwrites the first."""
        key = Key(pk=f"EVT#{tenant}#{event.time[:13]}", sk=f"{event.time}#{event.id}")
        self.table.put(key, event, extra={"expires": int(time.time()) + KEEP_SECONDS})

    def since(self, tenant: str, since: str) -> Iterator[LoggedEvent]:
        """Events from a moment on, oldest first, at most MAX_HOURS of them."""
        now = datetime.now(UTC)
        at = max(parse_moment(since), now - timedelta(hours=MAX_HOURS))
        hour = at.replace(minute=0, second=0, microsecond=0)
        while hour <= now:
            for row in self.table.query_all(f"EVT#{tenant}#{hour:%Y-%m-%dT%H}"):
                event = row.read(LoggedEvent)
                if parse_moment(event.time) >= at:
                    yield event
            hour += timedelta(hours=1)
