"""Ordering: runs of one key do not overlap, and begin in the order in which their events were accepted.

A start of a trigger with `order_by` waits in the queue of its key. The first start of the queue gets the key, and the
end of its run releases the key and calls the next start. No function waits. Each step can be repeated after a crash:
a start is in the queue once, a key belongs to one run, and a run starts once.
"""

from collections.abc import Callable
from typing import cast

from interlock.aws.services import queues
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.ordering import OrderingQueue, Waiting
from interlock.aws.tables.runs import Runs
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import NotFound
from interlock.contract.manifest import EventTrigger, Manifest
from interlock.contract.payload import canonical
from interlock.contract.run import Run, RunStatus
from interlock.contract.start_message import StartMessage, run_of

Begin = Callable[[StartMessage], Run | None]
"""Starts the run of a message; None where it is a dead letter instead."""
ROUNDS = 20
"""So many starts of a key may fall away in a row before the rest waits for the next delivery."""


def ordering_key(message: StartMessage, manifest: Manifest | None) -> str:
    """The ordering key of a start as a short text.

    It is empty if the trigger has no `order_by`, or the field is absent.
    """
    section = manifest.workflows.get(message.workflow) if manifest and message.kind == "event" else None
    for trigger in section.triggers if section else ():
        if isinstance(trigger, EventTrigger) and trigger.name == message.trigger and trigger.order_by:
            value = _at(message.detail, trigger.order_by)
            if value is not None:
                return names.run_id(message.install, message.workflow, message.trigger, canonical(value))
    return ""


def enqueue_start(message: StartMessage, ordering_key: str, runs: Runs, bucket: str, begin: Begin) -> Run | None:
    """Put a start into the queue of its key, and start the one that holds the key now.

    Args:
        message: the start.
        ordering_key: its ordering key.
        runs: the table of runs.
        bucket: where payloads are.
        begin: starts the run of a message, or says that it never will.

    Returns:
        The run of the message, where it has one now.
    """
    mine = known_run(message, runs)
    if mine is None:
        at = f"{message.detail.get('at') or (message.event or {}).get('time', '')}#{message.cause_id}"
        body = Bodies(bucket, message.tenant, run_of(message)).keep(message.model_dump(mode="json"))
        OrderingQueue(runs.table.name).wait(
            message.tenant, ordering_key, Waiting(run=run_of(message), at=at, message=body)
        )
    _advance(message.tenant, ordering_key, runs, bucket, begin)
    return mine or known_run(message, runs)


def release_turn(run: Run, runs: Runs, bucket: str, queue: str) -> None:
    """Release the ordering key of a run that is over, and call the next start. A run without a key changes nothing."""
    if not run.ordering_key:
        return
    turns = OrderingQueue(runs.table.name)
    turns.release(run.tenant, run.ordering_key, run.id)
    following = next(turns.waiting(run.tenant, run.ordering_key), None)
    if following is not None:
        queues.send(queue, _message(following, run.tenant, bucket).model_dump_json(), run.tenant)


def known_run(message: StartMessage, runs: Runs) -> Run | None:
    """The run of a start. None if there is no run yet, or the run did not begin."""
    try:
        run = runs.find(message.tenant, run_of(message)).item
    except NotFound:
        return None
    return None if run.status is RunStatus.STARTING else run


def _advance(tenant: str, ordering_key: str, runs: Runs, bucket: str, begin: Begin) -> None:
    """Start the holder of the key. If the holder is over or can't start, continue with the next start."""
    turns = OrderingQueue(runs.table.name)
    for _ in range(ROUNDS):
        waiting = list(turns.waiting(tenant, ordering_key))
        first = waiting[0].run if waiting else ""
        holder = turns.take(tenant, ordering_key, first) if first else ""
        if not holder:
            return
        entry = next((row for row in waiting if row.run == holder), None)
        run = begin(_message(entry, tenant, bucket)) if entry else _find(tenant, holder, runs)
        if entry:
            turns.served(tenant, ordering_key, entry)
        if run is not None and not run.status.over:
            return
        turns.release(tenant, ordering_key, holder)


def _at(detail: dict[str, Json], path: str) -> Json:
    """The field of a detail at a path, or None."""
    value: Json = detail
    for part in path.split("."):
        value = cast(dict[str, Json], value).get(part) if isinstance(value, dict) else None
    return value


def _find(tenant: str, run: str, runs: Runs) -> Run | None:
    try:
        return runs.find(tenant, run).item
    except NotFound:
        return None


def _message(entry: Waiting, tenant: str, bucket: str) -> StartMessage:
    return StartMessage.model_validate(Bodies(bucket, tenant, entry.run).read(entry.message))
