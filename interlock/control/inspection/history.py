"""The full history of a run: what the records do not have (Choice, Wait, Pass, Map), asked of Step Functions once.

Single flight: one request fetches it, others are told to come back; all of them together ask at most ten times a second
(GetExecutionHistory has 20 in the account). It is kept, without inputs and outputs, where the run's bodies are.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import cast

from interlock.aws.services import step_functions
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.runs import Runs, run_key
from interlock.aws.tables.table import Key
from interlock.contract.core.base import moment
from interlock.contract.core.failure import Conflict, Throttled
from interlock.contract.history import HistoryRef
from interlock.contract.run import Body, Run
from interlock.debugger.history import Raw

CALLS_A_SECOND = 10
"""Of GetExecutionHistory: half of the account's quota (architecture, what AWS limits)."""
FLIGHT_SECONDS = 60
"""A request that fetches has ended after this, or has died: an API's function has 30 s."""
TURN_SECONDS = 15.0


def run_history(runs: Runs, bucket: str, tenant: str, run_id: str) -> HistoryRef:
    """Where the history of a run is; fetched now, unless it was before.

    Raises:
        NotFound: no such run, or Step Functions has forgotten it.
        Throttled: somebody else is fetching it, or too many histories are asked for at once.
    """
    run = runs.find(tenant, run_id).item
    key = history_key(run)
    row = runs.table.get(key)
    history_ref = row.read(HistoryRef) if row else None
    if history_ref is not None and history_ref.key:
        return history_ref
    now = datetime.now(UTC)
    if history_ref is not None and history_ref.until is not None and history_ref.until > moment(now):
        raise _busy(run_id)
    flight = HistoryRef(run=run_id, until=moment(now + timedelta(seconds=FLIGHT_SECONDS)))
    try:
        runs.table.put(key, flight, rev=row.rev if row else 0)
    except Conflict as conflict:
        raise _busy(run_id) from conflict
    try:
        events = step_functions.history(run.execution, lambda: _turn(runs))
        body = Bodies(bucket, tenant, run_id).keep(events, at_most=0)
    except BaseException:
        runs.table.delete(key)
        raise
    ref = HistoryRef(run=run_id, key=body.key, events=len(events), whole=run.status.over)
    if run.status.over:
        runs.table.put(key, ref)
    else:
        runs.table.delete(key)
    return ref


def stored_history(runs: Runs, run: Run) -> HistoryRef | None:
    """Where the history of a run is stored, or who fetches it; None where nobody asked for it."""
    row = runs.table.get(history_key(run))
    return row.read(HistoryRef) if row else None


def read_history(bucket: str, run: Run, ref: HistoryRef) -> list[Raw]:
    """The events of a history that is stored.

    Raises:
        NotFound: it is past its retention.
    """
    digest = ref.key.rsplit("/", 1)[-1].removesuffix(".json")
    return cast(list[Raw], Bodies(bucket, run.tenant, run.id).read(Body(key=ref.key, digest=digest)))


def history_key(run: Run) -> Key:
    """Where it is noted: each execution of a run has its own history."""
    return Key(pk=run_key(run.tenant, run.id).pk, sk=f"HISTORY#{run.execution.rsplit(':', 1)[-1]}")


def _busy(run: str) -> Throttled:
    return Throttled(
        "the history of the run is being read already",
        where=run,
        code="history-busy",
        next_step=f"Try again in a few seconds: interlock run show {run} --states",
    )


def _turn(runs: Runs) -> None:
    end = time.monotonic() + TURN_SECONDS
    while not runs.acquire_rate_slot("history", int(time.time()), CALLS_A_SECOND):
        if time.monotonic() > end:
            raise Throttled(
                "too many histories are being read at the same time",
                code="history-busy",
                next_step="Try again in a few seconds.",
            )
        threading.Event().wait(0.1)
