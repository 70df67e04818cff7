"""Auditing: every change through the control API is recorded before it is made, and its outcome after it.

A change whose function crashed in between stays `begun`, so no change is missing from the log.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from interlock.aws.tables.audit_log import AuditLog, digest_of
from interlock.aws.tables.registry import install_item, version_item
from interlock.aws.tables.table import Key
from interlock.contract.audit import Change, ChangePage
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Failure
from interlock.contract.member import Caller
from interlock.contract.registry import Install

OWN_RECORD = frozenset({"writeCatalog", "sendEvents", "startRuns"})
"""Data, not settings: an asset's history, an event's archive and a run's item say who did it, and there are many."""
NO_CHANGE = frozenset({"checkVersions"})
"""What is sent is looked at, and nothing is written."""
PAGE = 50
INSTALL_ITEM = "INS#"
"""How the sort keys of installs begin (`aws.tables.registry.install_item`)."""
_SUBJECTS = (
    re.compile(r"^/v1/publishers/(?P<publisher>[^/]+)/apps/(?P<app>[^/]+)/versions/(?P<version>[^/]+)"),
    re.compile(r"^/v1/tenants/(?P<tenant>[^/]+)/installs/(?P<install>[^/]+)"),
    re.compile(r"^/v1/publishers/(?P<publisher>[^/]+)"),
    re.compile(r"^/v1/tenants/(?P<tenant>[^/]+)"),
)


@dataclass(frozen=True)
class AuditedCall:
    """A call that changes something: its action for Cedar, and what was sent where."""

    action: str
    method: str
    path: str
    body: str = ""
    """Only its digest is kept."""


def is_audited(method: str, action: str) -> bool:
    """Whether a call is a change that nothing else records."""
    return method != "GET" and action not in OWN_RECORD | NO_CHANGE


def begin_change(log: AuditLog, caller: Caller, scope: str, call: AuditedCall) -> Change:
    """Record a permitted change before it is made."""
    own = [row for row in caller.memberships if row.scope == scope]
    row = log.subject(subject_of(call.path))
    change = Change(
        id=names.ulid(),
        scope=scope,
        principal=caller.principal,
        name=next((row.name for row in (*own, *caller.memberships)), ""),
        action=call.action,
        method=call.method,
        path=call.path,
        install_name=row.read(Install).name if row and row.key.sk.startswith(INSTALL_ITEM) else "",
        at=now(),
        asked=hashlib.sha256(call.body.encode()).hexdigest() if call.body else "",
        before=digest_of(row),
    )
    log.write(change)
    return change


def end_change(log: AuditLog, change: Change, *, status: int = 0, error: Exception | None = None) -> None:
    """Record the outcome of a change."""
    fields: dict[str, Any] = {"outcome": "done", "status": status}
    if isinstance(error, Failure):
        fields = {"outcome": "refused", "status": int(error.status), "code": error.code}
    elif error is not None:
        fields = {"outcome": "failed", "code": type(error).__name__}
    log.write(change.model_copy(update=fields | {"after": digest_of(log.subject(subject_of(change.path)))}))


def changes(log: AuditLog, scope: str, limit: int, cursor: str | None) -> ChangePage:
    """A page of the changes of a scope, newest first."""
    page = log.page(scope, min(limit, PAGE), cursor)
    return ChangePage(changes=tuple(row.read(Change) for row in page.rows), cursor=page.cursor)


def subject_of(path: str) -> Key | None:
    """The item that a route changes, or None. Pure."""
    groups = next((match for pattern in _SUBJECTS if (match := pattern.match(path))), None)
    fields = groups.groupdict() if groups else {}
    match fields:
        case {"publisher": publisher, "app": app, "version": version}:
            return version_item(f"{publisher}/{app}", version)
        case {"tenant": tenant, "install": install}:
            return install_item(tenant, install)
        case {"publisher": publisher}:
            return Key(pk=f"PUB#{publisher}", sk="META")
        case {"tenant": tenant}:
            return Key(pk=f"TEN#{tenant}", sk="META")
        case _:
            return None
