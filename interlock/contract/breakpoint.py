"""What a person says of a breakpoint, and what the platform answers."""

from typing import Literal

from interlock.contract.core.base import Document, Moment
from interlock.contract.run import Breakpoint

MAX_ARMED = 50
"""Rules on one run, install or version: the gate looks at each at every step."""

At = Literal["before", "after", "error"]


class NewBreakpoint(Document):
    """A breakpoint that a person arms. `state` is a name or a pattern; it may end in `[INDEX]`, the item of a Map."""

    state: str = "*"
    at: At = "before"
    condition: str = ""
    hits: int = 1
    once: bool = True
    until: Moment | None = None


class BreakpointCounts(Document):
    """How often a breakpoint matched, and how often its condition could not be evaluated, with the last reason."""

    hits: int = 0
    errors: int = 0
    last_error: str = ""


class ArmedBreakpoint(Document):
    """A breakpoint and how often it matched."""

    breakpoint: Breakpoint
    hits: int
    """How often it matched. Matches are counted only for `once` and for `hits` above 1, and for each tenant apart: of a
    version's breakpoint this is the sum over the tenants whose runs the caller may see."""
    spent: bool
    """Whether it can no longer stop a step."""
    errors: int = 0
    """How often its condition could not be evaluated; it did not hold then."""
    last_error: str = ""
    """Why, the last time."""


class BreakpointReach(Document):
    """How many runs a breakpoint on an install or a version could stop: those under way, and later ones that fit."""

    under_way: int
    """Runs of the install, or of the version in these tenants, that are not over."""
    could_stop: int
    """Those of them whose workflow has a Task state that matches. They may be past it."""
    more: bool = False
    """More runs are under way, or more tenants have a support session, than were looked at."""
    tenants: int = 1
    """Whose runs it may stop. Of a version: the sandbox, tenants with a support session for the app, and tenants whose
    runs the caller debugs anyway."""


class BreakpointList(Document):
    """The breakpoints of a run, an install or a version."""

    breakpoints: tuple[ArmedBreakpoint, ...]


class BreakpointRemoved(Document):
    """The id of the breakpoint that was removed."""

    removed: str
