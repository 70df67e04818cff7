"""Places of steps inside a Map or a Parallel: a tenant has so many, so that it leaves room in the account to others.

A place is counted in the quarter of an hour in which its step began. No step lasts longer than one, so what a crash
leaves counted is forgotten with the quarter after it. Steps elsewhere are at most one a run, and runs have a quota.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.tables.counters import Counters
from interlock.contract.core.failure import GateError, GateFailure
from interlock.control.gate.visit import GateContext, Visit


@contextmanager
def occupied_place(visit: Visit, context: GateContext) -> Generator[None]:
    """Occupy a place while the block runs, where the state is inside a Map or a Parallel.

    Raises:
        GateFailure: `Interlock.Unavailable`: all are occupied; the workflow tries again, later by chance.
    """
    room = visit.parallel
    if room is None:
        yield
        return
    counters, tenant, install = Counters(context.runs.table.name), visit.name.tenant, visit.install.id
    if not counters.take_step(tenant, install, room.quarter, room.left):
        raise GateFailure(
            GateError.UNAVAILABLE,
            f"{room.own} steps of the install, or {room.whole} of the tenant, run in Maps and Parallels at this time",
            where=visit.request.state,
            next_step="interlock quota show",
        )
    try:
        yield
    finally:
        # The step's answer counts more: a place that is not given back is free with the quarter after the next.
        with suppress(*AWS_ERRORS):
            counters.give_step(tenant, install, room.quarter)
