"""Approvals in the table of runs: items by scope, an index by status, and an agenda for the clock."""

from interlock.aws.tables.agenda import Agenda, Due
from interlock.aws.tables.table import Key, Page, Stored, Table
from interlock.contract.approval import Approval, ApprovalStatus
from interlock.contract.core import limits
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import NotFound

AGENDA = "AGENDA#APPROVALS"
DAY_SECONDS = 86_400


class ApprovalTimer(Due):
    """An approval to look at."""

    scope: str
    id: str


class Approvals:
    """The approvals of the platform and of every tenant."""

    def __init__(self, table: str) -> None:
        """Name the table of runs; nothing is called."""
        self.table = Table(table)
        self.agenda = Agenda(table, AGENDA, ApprovalTimer, lambda entry: f"{entry.scope}#{entry.id}")

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

    def forget(self, scope: str) -> int:
        """Delete every approval of a scope; how many there were."""
        return self.table.delete_all(_key(scope, "").pk)


def _key(scope: str, approval: str) -> Key:
    return Key(pk=f"APPROVAL#{scope}", sk=approval)


def _index(scope: str, status: ApprovalStatus) -> str:
    return f"APPROVALS#{scope}#{status.value}"
