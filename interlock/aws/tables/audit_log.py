"""The audit log: items of the registry's table, one partition for each scope, newest last."""

import hashlib
import time
from datetime import UTC, datetime

from interlock.aws.tables.table import Key, Page, Row, Table
from interlock.contract.audit import Change
from interlock.contract.core import limits
from interlock.contract.core.base import parse_moment

DAY_SECONDS = 86_400


class AuditLog:
    """The audit log; only the platform's functions touch it."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def write(self, change: Change) -> None:
        """Write an entry, or how it went."""
        age = datetime.now(UTC) - parse_moment(change.at)
        expires = int(time.time() - age.total_seconds()) + limits.AUDIT_DAYS * DAY_SECONDS
        self.table.put(Key(pk=f"AUDIT#{change.scope}", sk=change.id), change, extra={"expires": expires})

    def page(self, scope: str, limit: int, cursor: str | None) -> Page:
        """A page of a scope's entries, newest first."""
        return self.table.query(f"AUDIT#{scope}", limit=limit, cursor=cursor, newest=True)

    def subject(self, key: Key | None) -> Row | None:
        """The item that a change is about, if there is one."""
        return self.table.get(key) if key else None


def digest_of(row: Row | None) -> str:
    """The sha256 of what an item says; empty where there is none."""
    return hashlib.sha256(row.doc.encode()).hexdigest() if row else ""
