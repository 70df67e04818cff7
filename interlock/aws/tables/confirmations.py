"""Confirmations that copilots were asked for: items of the table of runs that delete themselves."""

from interlock.aws.tables.table import Key, Stored, Table
from interlock.contract.copilot.confirmation import Confirmation, used
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import WriteConflict

KEEP_SECONDS = 86_400
"""After its end: a late use is told why it is refused."""


class Confirmations:
    """The confirmations of a tenant."""

    def __init__(self, table: str, tenant: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)
        self.tenant = tenant

    def keep(self, confirmation: Confirmation) -> None:
        """Write a new one."""
        self._put(Stored(item=confirmation, rev=0))

    def find(self, confirmation_id: str) -> Stored[Confirmation] | None:
        """Read one; None where there is none."""
        row = self.table.get(self._key(confirmation_id))
        return Stored(item=row.read(Confirmation), rev=row.rev) if row else None

    def use(self, stored: Stored[Confirmation]) -> None:
        """Use one, once: of two calls at the same moment one is refused.

        Raises:
            Conflict: it was used since it was read.
        """
        try:
            self._put(Stored(item=stored.item.model_copy(update={"used": True}), rev=stored.rev))
        except WriteConflict as error:
            raise used() from error

    def _put(self, stored: Stored[Confirmation]) -> None:
        expires = int(parse_moment(stored.item.until).timestamp()) + KEEP_SECONDS
        self.table.put(self._key(stored.item.id), stored.item, rev=stored.rev, extra={"expires": expires})

    def _key(self, confirmation_id: str) -> Key:
        return Key(pk=f"CONFIRM#{self.tenant}", sk=confirmation_id)
