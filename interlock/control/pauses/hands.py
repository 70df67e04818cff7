"""Hands on pauses: a person who takes a pause, or decides it, comes before a copilot that is about to.

A copilot's hand says that it asked for a confirmation; it keeps nobody from anything. A person's hand keeps copilots
from deciding until it is released or over. Whoever was there first is named in the answer and in the pause.
"""

from datetime import timedelta
from typing import Final

from interlock.aws.tables.runs import Runs
from interlock.contract.core import limits
from interlock.contract.core.base import Moment, now
from interlock.contract.core.failure import Conflict
from interlock.contract.run import Decision, Hand, Pause, PauseStatus

NOT_PREEMPTED: Final[dict[str, object]] = {"preempted": "", "preempted_agent": False}
"""What a hand or a decision says where nobody had the pause before."""


def hand_of(principal: str, *, agent: bool, name: str = "") -> Hand:
    """The hand of a caller, from now on."""
    seconds = limits.CONFIRM_SECONDS if agent else limits.PAUSE_HAND_SECONDS
    return Hand(by=principal, name=name, agent=agent, at=now(), until=now(timedelta(seconds=seconds)))


def take_pause(runs: Runs, pause: Pause, hand: Hand) -> Pause:
    """Take a pause to decide it; a person takes it from a copilot, and from another person.

    Raises:
        NotFound: it is not there any more.
        Conflict: it does not wait, waits for an approval, or a person has it and a copilot wants it.
    """

    def taken(current: Pause) -> Pause:
        require_waiting(current)
        require_free(current, agent=hand.agent, at=hand.at)
        return current.model_copy(update={"hand": hand.model_copy(update=_other(current, hand))})

    return runs.change_pause(pause, taken)


def release_pause(runs: Runs, pause: Pause) -> Pause:
    """Let copilots decide a pause again."""
    return runs.change_pause(pause, lambda current: current.model_copy(update={"hand": None}))


def decided(pause: Pause, decision: Decision, at: Moment) -> Pause:
    """A pause with its decision.

    Raises:
        Conflict: it does not wait, or a person has it and a copilot decides.
    """
    if pause.status is not PauseStatus.WAITING:
        raise not_waiting(pause)
    require_free(pause, agent=decision.agent, at=at)
    decision = decision.model_copy(update=_other(pause, decision))
    return pause.model_copy(update={"status": PauseStatus.DECIDED, "decision": decision, "until": at})


def require_waiting(pause: Pause) -> None:
    """Refuse a pause that nobody can decide.

    Raises:
        Conflict: it does not wait, or its approvers decide it.
    """
    if pause.status is not PauseStatus.WAITING:
        raise not_waiting(pause)
    if pause.approval:
        raise Conflict(
            "the pause ends when its approval is decided",
            where=pause.id,
            code="pause-approval",
            next_step=f"Look at it: interlock approval show {pause.approval}",
        )


def require_free(pause: Pause, *, agent: bool, at: Moment) -> None:
    """Refuse a copilot where a person has the pause.

    Raises:
        Conflict: one has.
    """
    hand = pause.hand
    if agent and hand is not None and hand.is_persons(at):
        raise Conflict(
            f"{hand.who} has taken this pause at {hand.at}, and a person comes before a copilot",
            where=pause.id,
            code="pause-held",
            next_step=f"Leave it to them. They let go of it by: interlock pause release {pause.run} {pause.id}",
        )


def not_waiting(pause: Pause) -> Conflict:
    """The refusal of a pause that does not wait, which names who decided it."""
    decision = pause.decision
    state = pause.status.value if decision is None else "decided"
    by = (
        f" by {'a copilot of ' if decision.agent else ''}{decision.who}" if decision is not None and decision.by else ""
    )
    return Conflict(
        f"the pause is {state}{by}",
        where=pause.id,
        code="pause-taken",
        next_step=f"Look at it: interlock pause show {pause.run} {pause.id}",
    )


def _other(pause: Pause, caller: Hand | Decision) -> dict[str, object]:
    """Who had the pause before this caller, if somebody had."""
    hand = pause.hand
    if hand is None or (hand.by, hand.agent) == (caller.by, caller.agent):
        return NOT_PREEMPTED
    return {"preempted": hand.who, "preempted_agent": hand.agent}
