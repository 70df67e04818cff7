"""Approvals in the table of runs: items by scope, an index by status, and an agenda for the clock."""

from collections.abc import Iterator

from interlock.aws.tables.table import Key, Page, Stored, Table
from interlock.contract.approval import Approval, ApprovalStatus
from interlock.contract.core import limits
from interlock.contract.core.base import Document, Moment, parse_moment
from interlock.contract.core.failure import NotFound

AGENDA = "AGENDA#APPROVALS"
DAY_SECONDS = 86_400


class Due(Document):
    """An approval to look at, and when."""

    scope: str
    id: str
    at: Moment


class Approvals:
    """The approvals of the platform and of every tenant."""

    def __init__(self, table: str) -> None:
        """Name the table of runs; nothing is called."""
        self.table = Table(table)

    def find(self, scope: str, approval: str) -> Stored[Approval]:
        """Read an approval.

        Raises:
            NotFound: the scope has no such approval.
        """
        absent = NotFound(f"approval {approval} does not exist", where=scope, next_step="interlock approval list")
        return self.table.find(_key(scope, approval), Approval, absent)

    def write(self, stored: Stored[Approval], tokens: tuple[str, ...] = ()) -> None:
        """Write an approval that was read, with further task tokens beside those that it has.

        Raises:
            Conflict: somebody wrote since.
        """
        approval = stored.item
        kept_tokens = (*(self.tokens(approval) if stored.rev else ()), *tokens)
        extra: dict[str, str | int] = {
            "gsi4pk": _index(approval.scope, approval.status),
            "gsi4sk": f"{approval.asked}#{approval.id}",
            "expires": int(parse_moment(approval.deadline).timestamp()) + limits.APPROVAL_KEEP_DAYS * DAY_SECONDS,
        }
        extra |= {"tokens": "\n".join(dict.fromkeys(kept_tokens))} if kept_tokens else {}
        self.table.put(_key(approval.scope, approval.id), approval, rev=stored.rev, extra=extra)

    def tokens(self, approval: Approval) -> tuple[str, ...]:
        """The task tokens that wait for it; for the call of Step Functions only."""
        row = self.table.get(_key(approval.scope, approval.id))
        return tuple(row.text("tokens").split()) if row else ()

    def page(self, scope: str, status: ApprovalStatus, *, limit: int, cursor: str | None) -> Page:
        """One page of a scope's approvals of a status, newest first."""
        return self.table.query(_index(scope, status), index="gsi4", limit=limit, cursor=cursor, newest=True)

    def set_timer(self, due: Due) -> None:
        """Look at an approval at a time."""
        self.table.put(_due_key(due), due)

    def take(self, due: Due) -> None:
        """Take an entry off the agenda; one that is not there too."""
        self.table.delete(_due_key(due))

    def due(self, now: Moment) -> Iterator[Due]:
        """Every entry whose time has come, the oldest first."""
        cursor: str | None = None
        while True:
            page = self.table.query(AGENDA, between=("0", f"{now}~"), cursor=cursor)
            yield from (row.read(Due) for row in page.rows)
            cursor = page.cursor
            if cursor is None:
                return

    def forget(self, scope: str) -> int:
        """Delete every approval of a scope; how many there were."""
        return self.table.delete_all(_key(scope, "").pk)


def _key(scope: str, approval: str) -> Key:
    return Key(pk=f"APPROVAL#{scope}", sk=approval)


def _due_key(due: Due) -> Key:
    return Key(pk=AGENDA, sk=f"{due.at}#{due.scope}#{due.id}")


def _index(scope: str, status: ApprovalStatus) -> str:
    return f"APPROVALS#{scope}#{status.value}"
