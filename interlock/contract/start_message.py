"""What stands on the queue of starts: a rule, a schedule, the API, a tool, a replay or a redrive put it there."""

from typing import Any

from pydantic import Field, ValidationError

from interlock.contract.core import names
from interlock.contract.core.base import TENANT_PATTERN, Document, Json
from interlock.contract.envelope import Trigger
from interlock.contract.fork import ForkOrder
from interlock.contract.run import Body, Breakpoint

EVENT_REPLAY = "replay"
FORK_JOB = "fork-job"
VERIFICATION = "verification"
GOES_ON = (EVENT_REPLAY, FORK_JOB, VERIFICATION)
"""The kinds of the messages that go on with a job, and start no run themselves."""


class StartMessage(Document):
    """One start. For an event it holds the whole of it, as the rule's target put it there."""

    tenant: str
    install: str
    workflow: str
    trigger: str
    kind: str
    event: dict[str, Any] | None = None
    """The whole EventBridge event, for `kind == "event"`."""
    input: Json = None
    body: Body | None = None
    """The input, where it is too large for a message."""
    id: str = ""
    """The idempotency key, for everything but events (which bring their change id)."""
    replay: str = ""
    at: str = ""
    """The scheduled time, for `kind == "schedule"`."""
    missed: str = ""
    """What becomes of a time that is served late: `skip` or `run_once`."""
    late_s: int = 0
    actor: str = ""
    breakpoints: tuple[Breakpoint, ...] = ()
    tags: tuple[str, ...] = ()
    hops: int = 0
    ancestry: tuple[str, ...] = Field(default=())
    fork: ForkOrder | None = None
    """For `kind == "fork"`."""
    deferred: int = 0
    """How often it found no room in its quota and was put off."""
    redriven: bool = False
    """A person put it back: it may start though its chain is too long, once."""

    @property
    def detail(self) -> dict[str, Any]:
        """The event's detail; empty for anything else."""
        return (self.event or {}).get("detail") or {}

    @property
    def cause_id(self) -> str:
        """What tells this start from others of its trigger: the event's change id, or the idempotency key."""
        if self.kind == "event":
            return str(self.detail.get("id") or (self.event or {}).get("id", ""))
        return self.id or self.at

    @property
    def chain(self) -> tuple[str, ...]:
        """The runs that led to it, the first one first."""
        cause = self._cause
        return (*cause.get("ancestry", ()), cause["run"]) if cause else self.ancestry

    @property
    def length(self) -> int:
        """How many runs led to it."""
        return int(self._cause.get("hops", -1)) + 1 if self.kind == "event" else self.hops

    def origin(self) -> Trigger:
        """Where its run comes from."""
        return Trigger.model_validate(
            {
                "kind": self.kind,
                "name": self.trigger,
                "id": self.cause_id,
                "event": self.event,
                "hops": max(self.length, 0),
                "ancestry": self.chain,
                "actor": self.actor,
            }
        )

    @property
    def _cause(self) -> dict[str, Any]:
        return self.detail.get("cause") or {}


def run_of(message: StartMessage) -> str:
    """The id of the run that a message starts: the same cause, the same run."""
    return names.run_id(
        message.tenant, message.install, message.workflow, message.trigger, message.cause_id, message.replay
    )


def read_start(body: str) -> StartMessage | None:
    """The start that a message holds; None where it holds none, or none of a tenant that can be."""
    try:
        message = StartMessage.model_validate_json(body)
        if message.kind not in GOES_ON:
            message.origin()
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return message if TENANT_PATTERN.match(message.tenant) else None
