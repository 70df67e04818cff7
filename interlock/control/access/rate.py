"""How many calls a caller may make in a minute, and how many all who act for a tenant or a publisher together.

For a scope only permitted calls are counted: a stranger who is refused takes nothing away from a tenant.
"""

import time
from dataclasses import dataclass

from interlock.aws.tables.counters import Counters
from interlock.contract.core import limits
from interlock.contract.core.failure import Throttled
from interlock.contract.member import PLATFORM

MINUTE_SECONDS = 60
NEXT = "Wait as Retry-After says."


@dataclass(frozen=True)
class CallRate:
    """What a caller has used of its calls of this minute."""

    used: int
    seconds_left: int
    """Until the next minute begins."""

    @property
    def remaining(self) -> int:
        """How many calls are left in this minute."""
        return max(limits.API_CALLS_PER_MINUTE - self.used, 0)

    def require_room(self) -> None:
        """Refuse the call that is one too many.

        Raises:
            Throttled: more than limits.API_CALLS_PER_MINUTE calls were made within this minute.
        """
        if self.used > limits.API_CALLS_PER_MINUTE:
            what = f"more than {limits.API_CALLS_PER_MINUTE} calls a minute"
            raise Throttled(what, where="API", next_step=NEXT, retry_after=self.seconds_left)


def count_caller(table: str, principal: str) -> CallRate:
    """Count a call of a principal."""
    return CallRate(Counters(table).hit(principal), _seconds_left())


def limit_scope(table: str, scope: str) -> None:
    """Count a permitted call of a scope; the platform's own scope has no limit.

    Raises:
        Throttled: the scope made more than limits.SCOPE_CALLS_PER_MINUTE calls within this minute.
    """
    if scope == PLATFORM or Counters(table).hit(scope) <= limits.SCOPE_CALLS_PER_MINUTE:
        return
    raise Throttled(
        f"{scope.replace('/', ' ')} made more than {limits.SCOPE_CALLS_PER_MINUTE} calls a minute",
        where=scope,
        code="scope-throttled",
        next_step=f"{NEXT} To see who makes the changes: interlock audit list",
        retry_after=_seconds_left(),
    )


def _seconds_left() -> int:
    return MINUTE_SECONDS - int(time.time()) % MINUTE_SECONDS
