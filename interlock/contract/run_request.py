"""What a person asks of runs: start one, call a tool, stop one."""

from typing import Annotated

from pydantic import Field, StringConstraints

from interlock.contract.breakpoint import MAX_ARMED, NewBreakpoint
from interlock.contract.core.base import Document, Json
from interlock.contract.core.validation import shaped


class StopRequest(Document):
    """Why a run is stopped."""

    reason: Annotated[str, StringConstraints(max_length=500)] = ""


MAX_TAGS = 20


Tag = Annotated[
    str, shaped(r"^[\w][\w.:/=@-]{0,79}$", "at most 80 letters, digits and _ . : / = @ -, a letter or a digit first")
]


UNKNOWN_WORKFLOW = "unknown-workflow"
"""The code of a refusal: the app has no workflow of this name."""


class RunRequest(Document):
    """A run that a person starts: a workflow of an installed app, with an input."""

    app: str = ""
    install: str = ""
    """Its name among the installs of the app, or its id; it may be empty where the app has one. An id needs no app."""
    workflow: str = ""
    input: Json = None
    key: str = ""
    """An idempotency key: the same key answers the same run."""
    breakpoints: Annotated[tuple[NewBreakpoint, ...], Field(max_length=MAX_ARMED)] = ()
    """Armed on the run as by its starter, who must be allowed to debug runs."""
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)] = ()


class RunAccepted(Document):
    """A run that starts as soon as its message is read from the queue."""

    run: str
    tenant: str
    install: str
    workflow: str


class ToolCall(Document):
    """The arguments of a tool, and an idempotency key."""

    arguments: Json = {}
    key: str = ""
