"""Loops.

A trigger whose own runs cause its events is stopped, its tenant is notified once, and a person starts it again.
"""

from datetime import UTC, datetime, timedelta

from interlock.aws.tables.dead_letters import DeadLetters
from interlock.contract.core.base import moment, parse_moment
from interlock.contract.core.failure import NotFound
from interlock.contract.dead_letter import DeadLetter, StoppedTrigger
from interlock.contract.envelope import Cause
from interlock.contract.event import RunDetail, RunEvent
from interlock.contract.run import Failed
from interlock.control.runs.notify import notify_loop

TELL_GRACE = timedelta(minutes=1)
"""Whoever stopped a trigger tells of it; who finds it untold after this, tells in its place."""


def start_again(install: str, workflow: str, trigger: str) -> str:
    """The command that starts a stopped trigger again."""
    return f"interlock event start {install} {workflow} {trigger}"


def stop_trigger(letter: DeadLetter, dead: DeadLetters, alerts: str) -> None:
    """Stop the trigger of a loop's dead letter. The caller that stopped it notifies the bus and the alert.

    Args:
        letter: the dead letter of the event that closed the loop.
        dead: where stopped triggers are.
        alerts: the queue of alerts; empty where there is none.
    """
    now = datetime.now(UTC)
    fresh = StoppedTrigger(
        tenant=letter.tenant,
        install=letter.install,
        app=letter.app,
        install_name=letter.install_name,
        workflow=letter.workflow,
        trigger=letter.trigger,
        at=moment(now),
        letter=letter.id,
        chain=letter.chain,
    )
    if not dead.stop(fresh):
        trigger = dead.stopped_one(letter.tenant, letter.install, letter.workflow, letter.trigger)
        if trigger is None or trigger.notified or now - parse_moment(trigger.at) < TELL_GRACE:
            return
        fresh = trigger
    notify_loop(_detail(fresh, letter), alerts)
    dead.mark_notified(fresh)


def stopped_triggers(dead: DeadLetters, tenant: str) -> list[StoppedTrigger]:
    """The triggers of a tenant that are stopped."""
    return dead.stopped(tenant)


def start_trigger(dead: DeadLetters, tenant: str, install: str, workflow: str, trigger: str) -> StoppedTrigger:
    """Let a stopped trigger start runs again. Events of the time between are dead letters, which a person can redrive.

    Raises:
        NotFound: it is not stopped.
    """
    current = dead.stopped_one(tenant, install, workflow, trigger)
    if current is None:
        raise NotFound(
            f"{trigger} of {workflow} is not stopped",
            where=install,
            code="trigger-not-stopped",
            next_step="interlock event stopped",
        )
    dead.start(current)
    return current


def _detail(trigger: StoppedTrigger, letter: DeadLetter) -> RunDetail:
    runs = " -> ".join(f"{hop.app or '?'} {hop.workflow} {hop.run}" for hop in trigger.chain)
    last = trigger.chain[-1].run if trigger.chain else letter.id
    what = (
        f"{trigger.trigger} of {trigger.workflow} is stopped: its own runs caused its events,"
        f" {len(trigger.chain)} in a row"
    )
    return RunDetail.model_validate(
        {
            "id": f"{trigger.letter}:{RunEvent.LOOPED.value}",
            "type": RunEvent.LOOPED,
            "tenant": trigger.tenant,
            "at": trigger.at,
            "run": last,
            "app": trigger.app,
            "install": trigger.install,
            "install_name": trigger.install_name,
            "version": "",
            "workflow": trigger.workflow,
            "failed": Failed(error="event.loop", cause=what),
            "explanation": f"{what}\n{runs}\nStart it again: "
            + start_again(trigger.install, trigger.workflow, trigger.trigger),
            "debug": f"interlock event dead show {trigger.letter}",
            "cause": Cause(
                run=last,
                install=trigger.install,
                install_name=trigger.install_name,
                app=trigger.app,
                hops=len(trigger.chain),
                ancestry=tuple(hop.run for hop in trigger.chain[:-1]),
            ),
        }
    )
