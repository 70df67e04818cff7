"""Dead letters and stopped triggers, in the table of runs: by tenant, by install, and by app for its publisher."""

import time
from collections.abc import Callable, Iterable

from interlock.aws.tables.table import Key, Page, Row, Stored, Table, retry_conflicts
from interlock.contract.core import limits
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.dead_letter import DeadLetter, DeadState, StoppedTrigger

DAY_SECONDS = 86_400


class DeadLetters:
    """The dead letters of every tenant; only the platform's functions touch them."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def find(self, tenant: str, letter: str) -> Stored[DeadLetter]:
        """Read a letter.

        Raises:
            NotFound: the tenant has no such letter.
        """
        return self.table.find(_key(tenant, letter), DeadLetter, _no_letter(tenant, letter))

    def write(self, stored: Stored[DeadLetter]) -> None:
        """Write a letter that was read.

        Raises:
            WriteConflict: another writer changed it since.
        """
        letter = stored.item
        self.table.put(_key(letter.tenant, letter.id), letter, rev=stored.rev, extra=_index(letter, None))

    def merge(self, letter: DeadLetter, merge: Callable[[DeadLetter], DeadLetter]) -> DeadLetter:
        """Write a letter: as it is where there is none of its id, else what `merge` makes of the one that is there.

        Raises:
            Conflict: too many callers change it at the same time.
        """

        def attempt() -> DeadLetter:
            row = self.table.get(_key(letter.tenant, letter.id))
            after = merge(row.read(DeadLetter)) if row else letter
            self.write(Stored(item=after, rev=row.rev if row else 0))
            return after

        return retry_conflicts(attempt, "the dead letter", letter.id)

    def page(self, tenant: str, state: DeadState, *, install: str = "", limit: int, cursor: str | None) -> Page:
        """One page of a tenant's letters, or of one install's, newest first."""
        if install:
            pk = f"DEAD#{tenant}#{install}#{state.value}"
            return self.table.query(pk, index="gsi3", limit=limit, cursor=cursor, newest=True)
        return self.table.query(f"DEAD#{tenant}#{state.value}", index="gsi1", limit=limit, cursor=cursor, newest=True)

    def page_of_app(self, app: str, state: DeadState, *, limit: int, cursor: str | None) -> Page:
        """One page of the letters of an app in every tenant, newest first."""
        return self.table.query(f"DEADAPP#{app}#{state.value}", index="gsi4", limit=limit, cursor=cursor, newest=True)

    def stop(self, trigger: StoppedTrigger) -> bool:
        """Stop a trigger; False where it is stopped already."""
        try:
            self.table.put(stop_key(trigger.tenant, trigger.install, trigger.workflow, trigger.trigger), trigger, rev=0)
        except Conflict:
            return False
        return True

    def mark_notified(self, trigger: StoppedTrigger) -> None:
        """Write that the tenant was notified of a stopped trigger."""
        key = stop_key(trigger.tenant, trigger.install, trigger.workflow, trigger.trigger)
        row = self.table.get(key)
        if row is not None:
            self.table.put(key, trigger.model_copy(update={"notified": True}), rev=row.rev)

    def stopped(self, tenant: str) -> list[StoppedTrigger]:
        """The stopped triggers of a tenant."""
        return read_stops(self.table.query_all(f"STOP#{tenant}"))

    def stopped_one(self, tenant: str, install: str, workflow: str, trigger: str) -> StoppedTrigger | None:
        """One stopped trigger; None where it is not stopped."""
        row = self.table.get(stop_key(tenant, install, workflow, trigger))
        return row.read(StoppedTrigger) if row else None

    def start(self, trigger: StoppedTrigger) -> None:
        """Let a stopped trigger start runs again."""
        self.table.delete(stop_key(trigger.tenant, trigger.install, trigger.workflow, trigger.trigger))


def stop_key(tenant: str, install: str, workflow: str, trigger: str) -> Key:
    """Where it says that a trigger is stopped."""
    return Key(pk=f"STOP#{tenant}", sk=f"{install}#{workflow}#{trigger}")


def read_stops(rows: Iterable[Row]) -> list[StoppedTrigger]:
    """Rows as stopped triggers."""
    return [row.read(StoppedTrigger) for row in rows]


def _no_letter(tenant: str, letter: str) -> NotFound:
    return NotFound(
        f"dead letter {letter} does not exist",
        where=f"tenant {tenant}",
        code="unknown-dead-letter",
        next_step="interlock event dead list",
    )


def _index(letter: DeadLetter, _row: Row | None) -> dict[str, str | int]:
    at = f"{letter.first}#{letter.id}"
    tenant, state = f"DEAD#{letter.tenant}", letter.state.value
    index: dict[str, str | int] = {"gsi1pk": f"{tenant}#{state}", "gsi1sk": at}
    index |= {"gsi3pk": f"{tenant}#{letter.install or '-'}#{state}", "gsi3sk": at}
    index |= {"gsi4pk": f"DEADAPP#{letter.app or '-'}#{state}", "gsi4sk": at}
    return index | {"expires": int(time.time()) + limits.DEAD_DAYS * DAY_SECONDS}


def _key(tenant: str, letter: str) -> Key:
    return Key(pk=f"DEAD#{tenant}#{letter}", sk="META")
