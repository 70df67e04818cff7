"""Runs counted and measured in groups: what a query over them answers."""

from enum import StrEnum

from interlock.contract.core.base import Document, Moment

MAX_BY = 3
"""Fields that a summary groups by: a table of more than three names a row is not read."""
INPUT = "input."
"""Before a path in the run's input, where a summary groups by what is there."""


class GroupField(StrEnum):
    """What runs are grouped by; beside these, `input.PATH`."""

    APP = "app"
    INSTALL = "install"
    VERSION = "version"
    WORKFLOW = "workflow"
    STATUS = "status"
    STATE = "state"
    """The state that failed."""
    ERROR = "error"
    """The name of the first cause's error."""
    TRIGGER = "trigger"
    """What started the run: `api`, or the name of an event, a schedule or a tool."""
    TAG = "tag"
    """A run with several tags counts in the group of each."""
    TITLE = "title"
    DAY = "day"
    HOUR = "hour"
    """When the run started, in the zone of the summary."""


class RunGroup(Document):
    """The runs of a group."""

    keys: tuple[str, ...]
    """The value of each field; empty where a run has none."""
    runs: int
    failed: int
    """Of them failed or were aborted."""
    open: int
    """Of them are not over."""
    steps: int
    """Step records of all of them."""
    p50_s: float | None = None
    """Half of those that are over took no longer, in seconds; None where none is over."""
    p95_s: float | None = None
    longest_s: float | None = None


class RunSummary(Document):
    """What a query over runs answers."""

    by: tuple[str, ...]
    zone: str
    """The time zone of days and hours."""
    groups: tuple[RunGroup, ...]
    """By time where a day or an hour is first, else the largest first."""
    more_groups: int = 0
    """Smaller groups that are left out."""
    total: RunGroup
    read: int
    """How many runs were looked at."""
    whole: bool
    """Whether these are all runs that the query means; else the newest ones, back to `back_to`."""
    back_to: Moment | None = None
    """When the oldest run started that was looked at."""
