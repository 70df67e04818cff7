"""Forks: what a person asks for, where in a run it begins, and what the gate is told of each recorded visit."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from interlock.contract.core.base import AppId, Document, Json, Model, Moment, Semver, TenantId
from interlock.contract.envelope import StepError
from interlock.contract.run import Fork

_POSITION = re.compile(r"^(?P<state>.+?)(?:\[(?P<index>\d+)\])?(?:@(?P<ordinal>\d+))?$", re.DOTALL)


@dataclass(frozen=True)
class Position:
    """A visit of a state: the item of the innermost Map around it, and which one in time, from 1."""

    state: str
    index: int | None = None
    ordinal: int | None = None

    def __str__(self) -> str:
        """`STATE`, `STATE[INDEX]`, `STATE@ORDINAL` or `STATE[INDEX]@ORDINAL`."""
        index = f"[{self.index}]" if self.index is not None else ""
        return f"{self.state}{index}" + (f"@{self.ordinal}" if self.ordinal is not None else "")


def parse_position(text: str) -> Position:
    """Read what `Position` writes; a text of another form is a state's name."""
    match = _POSITION.match(text)
    if match is None:
        return Position(text)
    numbers = {word: int(state) if (state := match[word]) is not None else None for word in ("index", "ordinal")}
    return Position(match["state"], numbers["index"], numbers["ordinal"])


class ForkRequest(Document):
    """What a person asks for."""

    at: str = ""
    """The visit from which to run; the one that failed if nothing is said."""
    whole: bool = False
    """Run every step; only dry."""
    patch: Json = None
    """A JSON Merge Patch (RFC 7396) of the fork point's recorded input."""
    version: Semver | None = None
    """Another version of the app."""
    dry: bool = False
    waits: bool = False
    """Wait states wait again; otherwise they pass at once."""
    differing: Literal["stop", "run", "reuse"] = "stop"
    accept: tuple[str, ...] = ()
    """Codes of findings that the person has seen and accepts."""
    breakpoints: tuple[str, ...] = ()
    """States before which to stop."""
    tags: tuple[str, ...] = ()
    key: str = ""
    """An idempotency key: the same key, the same fork."""


class Role(StrEnum):
    """What the gate does at a visit that a recorded one answers to."""

    SERVE = "serve"
    """The record answers; a differing input stops the fork."""
    EITHER = "either"
    """The record answers where the input is the same; otherwise the step runs."""
    RUN = "run"
    """The step runs: it lies behind the fork point, or its end is not known."""
    AT = "at"
    """The fork point: the step runs, with the edited input if there is one."""


class ReuseEntry(Document):
    """One recorded visit of the parent, as the gate finds it: by state, index and digest, in the order of time."""

    ordinal: int
    state: str
    index: int | None = None
    digest: str
    role: Role
    record: str
    """The sort key of the record of its last attempt, in the parent's partition."""
    visit: str
    """Which visit of the parent this is, as a step's context names it, less the run."""


class ForkLink(Document):
    """A fork that was requested, as its parent's partition notes it."""

    run: str
    dry: bool
    at: Moment


class ForkClaim(Document):
    """Which fork of a run a fork job requests: two jobs at the same moment do not both fork it."""

    fork: str
    """Empty where the request of the fork was refused."""
    at: Moment


class ForkOrder(Document):
    """What the queue of starts is told of a fork that was asked for and found possible."""

    fork: Fork
    request: ForkRequest
    version: Semver


class ForkAccepted(Document):
    """A fork that will start as soon as its message is served."""

    run: str
    parent: str
    at: str
    """Empty where every step runs."""
    version: Semver
    dry: bool
    reuses: int
    """Recorded visits that answer for themselves."""


class CheckRequest(Model):
    """Asks the gate whether a value fits the type of a step, as the step's own code says."""

    check: Literal["input", "output"]
    tenant: TenantId
    app: AppId
    version: Semver
    step: str
    value: Json = None


class CheckAnswer(Document):
    """None where it fits."""

    error: StepError | None = None
