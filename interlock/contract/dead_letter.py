"""Dead letters: starts that were accepted and did not become a run, each an item that people see, redrive or drop."""

from enum import StrEnum

from pydantic import Field

from interlock.contract.core.base import Document, Json, Model, Moment
from interlock.contract.run import Body

NO_TENANT = "-"
"""Stands for the tenant of what nobody could read: a word that no tenant can have, for the operator to see."""
KEPT = "a dead letter was kept"
"""What the log says of each; an alarm counts it (infra/observability.py)."""


class DeadState(StrEnum):
    """`redriven` was put back on the queue; `dropped` will not be, and its payload is let go."""

    DEAD = "dead"
    REDRIVEN = "redriven"
    DROPPED = "dropped"


class Hop(Document):
    """One run of the chain that led to an event."""

    run: str
    install: str = ""
    app: str = ""
    workflow: str = ""


class DeadLetter(Document):
    """A start that did not become a run; its id is the id of the run that it would have become."""

    id: str
    tenant: str
    install: str = ""
    app: str = ""
    install_name: str = ""
    workflow: str = ""
    trigger: str = ""
    kind: str = ""
    event: str = ""
    """The event's name, for `kind == "event"`."""
    event_id: str = ""
    """The event's change id, or the start's idempotency key."""
    replay: str = ""
    code: str
    what: str
    next_step: str = ""
    state: DeadState = DeadState.DEAD
    first: Moment
    last: Moment
    count: int = 1
    """How often the start failed for good: duplicates and failed redrives count too."""
    chain: tuple[Hop, ...] = ()
    """The runs that led to it, the first one first; for a loop."""
    message: Body | None = None
    """What stood on the queue; gone once it is dropped."""
    by: str = ""
    """Who redrove or dropped it last."""


class DeadPage(Document):
    """One page of dead letters, newest first."""

    letters: tuple[DeadLetter, ...]
    cursor: str | None = None


class DeadView(Document):
    """A dead letter with its payload, and the run that it became after all."""

    letter: DeadLetter
    payload: Json = None
    run: str = ""
    """The status of its run; empty where there is none."""


class Redriven(Document):
    """What a redrive did: nothing is sent where the run has started already."""

    id: str
    sent: bool
    run: str = ""
    """The status of the run that was there already."""
    what: str


class BulkRedriveRequest(Model):
    """Which dead letters are put back, a page at a time; without a filter all of them."""

    install: str = Field(default="", max_length=200)
    """The id of an install."""
    code: str = Field(default="", max_length=200)
    """Only letters with this cause."""
    count_only: bool = False
    """Count the letters, and put none back."""
    cursor: str | None = None
    """The `cursor` of the page before."""


class RefusedRedrive(Document):
    """A letter that was not put back."""

    id: str
    code: str
    what: str


class BulkRedriven(Document):
    """One page of letters that match: what became of them."""

    matched: int
    sent: int = 0
    started: int = 0
    """Their runs had started already, so nothing was sent."""
    refused: tuple[RefusedRedrive, ...] = ()
    cursor: str | None = None
    """With it the next page begins; None where all letters were looked at."""


class StoppedTrigger(Document):
    """A stopped trigger: its own runs caused its events, so its events start no runs until a person starts it again."""

    tenant: str
    install: str
    app: str
    install_name: str = ""
    workflow: str
    trigger: str
    at: Moment
    letter: str
    """The dead letter of the event that closed the loop."""
    chain: tuple[Hop, ...] = ()
    notified: bool = False
    """Whether the tenant's bus and alert were notified."""


class TriggerRef(Document):
    """A trigger of an install, by name."""

    install: str
    workflow: str
    trigger: str


class StoppedTriggers(Document):
    """The triggers of a tenant that are stopped because they fed themselves."""

    triggers: tuple[StoppedTrigger, ...]
