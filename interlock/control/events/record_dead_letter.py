"""Records starts that could not become runs.

Each becomes one dead letter of its tenant, also if it arrives several times.
"""

import json
import logging
from typing import Any

from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core import limits, names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Failure, NotFound, Undeliverable
from interlock.contract.dead_letter import KEPT, NO_TENANT, DeadLetter, DeadState, Hop
from interlock.contract.start_message import StartMessage, read_start, run_of

log = logging.getLogger("interlock")
REDRIVE = "interlock event dead redrive "
CHANGE = "change"
"""The kind of a letter that is a change of the catalog, and no start."""


def record_refused(
    message: StartMessage, error: Undeliverable, runs: Runs, registry: Registry, bucket: str
) -> DeadLetter:
    """Record a start that was refused for a lasting reason, with the reason.

    A letter of a start that a person dropped stays dropped; of one that was redriven and died again it is dead again.
    """
    return _keep(_letter(message, error, runs, registry, bucket), DeadLetters(runs.table.name))


def record_failed(message: StartMessage, error: Exception, runs: Runs, registry: Registry, bucket: str) -> DeadLetter:
    """Record a start whose deliveries all failed, with the error of the last delivery.

    Of an error that is not ours only the class is told: its words may hold the payload.
    """
    reason = error.what if isinstance(error, Failure) else "see the log of interlock-start-run"
    what = f"{limits.START_RECEIVES} deliveries failed, the last one with {type(error).__name__}: {reason}"
    return record_refused(message, Undeliverable(what, next_step=REDRIVE + run_of(message)), runs, registry, bucket)


def record_overdue(message: StartMessage, error: Failure, runs: Runs, registry: Registry, bucket: str) -> DeadLetter:
    """Record a start that found no room for so long that it never will: a chain of messages has an end."""
    what = f"it waited for room {message.deferred} times, and there was none: {error.what}"
    refusal = Undeliverable(what, code="event.no-room", next_step=REDRIVE + run_of(message))
    return record_refused(message, refusal, runs, registry, bucket)


def record_drained(body: str, runs: Runs, registry: Registry, bucket: str) -> DeadLetter:
    """Record a message of the dead-letter queue.

    The function ended while it served it, or the message is unreadable.
    """
    message = read_start(body)
    if message is None:
        return record_unreadable(body, runs, bucket)
    what = f"the function that starts runs did not answer in {limits.START_RECEIVES} deliveries"
    return record_refused(message, Undeliverable(what, next_step=REDRIVE + run_of(message)), runs, registry, bucket)


def record_unreadable(body: str, runs: Runs, bucket: str) -> DeadLetter:
    """Record a message that is not a start, for the operator of the platform."""
    letter, at = names.run_id(NO_TENANT, body), now()
    dead = DeadLetter(
        id=letter,
        tenant=NO_TENANT,
        kind="unreadable",
        code="event.unreadable",
        what="a message on the queue of starts is none that the platform wrote",
        next_step=f"interlock event dead show {letter} --platform",
        first=at,
        last=at,
        message=Bodies(bucket, NO_TENANT, letter).keep(body),
    )
    return _keep(dead, DeadLetters(runs.table.name))


def record_change(tenant: str, change: dict[str, Any], error: Exception, runs: Runs, bucket: str) -> DeadLetter:
    """Record a change of the catalog that the bus does not accept, so that the changes after it continue.

    Args:
        tenant: whose catalog it is.
        change: the item of the asset's history, as it stands in the table.
        error: why it could not be published.
        runs: the table of runs.
        bucket: where payloads are.
    """
    key, at = f"{change.get('pk')}/{change.get('sk')}", now()
    letter = names.run_id(tenant, "change", key)
    message = error.what if isinstance(error, Failure) else "see the log of interlock-publish-changes"
    dead = DeadLetter(
        id=letter,
        tenant=tenant,
        kind=CHANGE,
        trigger="catalog",
        event_id=str(change.get("sk", "")),
        code="event.unpublished",
        what=f"a change of the catalog became no event: {type(error).__name__}: {message}",
        next_step=REDRIVE + letter,
        first=at,
        last=at,
        message=Bodies(bucket, tenant, letter).keep(change.get("doc")),
    )
    return _keep(dead, DeadLetters(runs.table.name))


def hops_of(message: StartMessage, runs: Runs) -> tuple[Hop, ...]:
    """The runs that led to a start, with their apps and workflows, as far as they are still known."""
    hops: list[Hop] = []
    for run in message.chain:
        try:
            known = runs.find(message.tenant, run).item
        except NotFound:
            hops.append(Hop(run=run))
            continue
        hops.append(Hop(run=run, install=known.install, app=known.app, workflow=known.workflow))
    return tuple(hops)


def _letter(message: StartMessage, error: Undeliverable, runs: Runs, registry: Registry, bucket: str) -> DeadLetter:
    letter, at = run_of(message), now()
    app, install_name = _app(message, registry)
    raw: dict[str, Any] = json.loads(message.model_copy(update={"redriven": False}).model_dump_json())
    return DeadLetter(
        id=letter,
        tenant=message.tenant,
        install=message.install,
        app=app,
        install_name=install_name,
        workflow=message.workflow,
        trigger=message.trigger,
        kind=message.kind,
        event=str((message.event or {}).get("detail-type", "")),
        event_id=message.cause_id,
        replay=message.replay,
        code=error.code,
        what=error.what,
        next_step=_next_step(error, letter),
        state=DeadState.DROPPED if error.gone else DeadState.DEAD,
        first=at,
        last=at,
        chain=hops_of(message, runs) if error.code == "event.loop" else (),
        message=None if error.gone else Bodies(bucket, message.tenant, letter).keep(raw),
    )


def _next_step(error: Undeliverable, letter: str) -> str:
    """The next step, with the id of the letter, which the code that refused the start did not know."""
    step = error.next_step or REDRIVE
    return f"{step.rstrip()} {letter}" if step.rstrip().endswith(REDRIVE.rstrip()) else step


def _app(message: StartMessage, registry: Registry) -> tuple[str, str]:
    """The app that a start is for, and the name of its install; empty where nothing is known of it."""
    try:
        install = registry.install(message.tenant, message.install).item
    except NotFound:
        return "", ""
    return install.app, install.name


def _keep(fresh: DeadLetter, dead: DeadLetters) -> DeadLetter:
    letter = dead.merge(fresh, lambda before: _merged(before, fresh))
    if letter.state is DeadState.DEAD:
        # A warning, because Lambda's runtime leaves out what is less.
        log.warning(KEPT, extra={"letter": letter.id, "tenant": letter.tenant, "code": letter.code})
    return letter


def _merged(before: DeadLetter, fresh: DeadLetter) -> DeadLetter:
    """The letter when it arrives again: it stays dropped if a person dropped it, and keeps its first time."""
    fields: dict[str, object] = {"first": before.first, "count": before.count + 1, "by": before.by}
    if before.state is DeadState.DROPPED:
        fields |= {"state": DeadState.DROPPED, "message": None}
    return fresh.model_copy(update=fields)
