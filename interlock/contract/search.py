"""What runs are searched by."""

from pydantic import Field

from interlock.contract.core.base import Document, Json, Moment
from interlock.contract.run import Run, RunStatus


class RunFilter(Document):
    """Every field that is given must hold of a run."""

    app: str = ""
    install: str = ""
    """The id or the name of the install."""
    version: str = ""
    workflow: str = ""
    status: RunStatus | None = None
    ended_badly: bool = False
    """Only runs that failed or were aborted."""
    forks: bool | None = None
    """Only forks, or only runs that are none; None for both."""
    dry: bool | None = None
    """Only dry runs, or only others."""
    caused_by: str = ""
    """The run whose event started it."""
    event: str = ""
    """The id of the event that started it."""
    state: str = ""
    """The state that failed, or one that is paused."""
    error: str = ""
    """The name of the first cause's error, or the end of it: `Timeout` finds `States.Timeout`."""
    fingerprint: str = ""
    tag: str = ""
    since: Moment | None = None
    until: Moment | None = None
    longer_s: float | None = Field(default=None, ge=0)
    shorter_s: float | None = Field(default=None, ge=0)
    """Seconds; of a run that goes on, up to now."""
    field: str = ""
    """A path in the run's input, as `customer.orders[0].id`."""
    value: Json = None
    """What is there."""


class RunPage(Document):
    """One page of a search, newest first. It may hold fewer runs than asked for, and none, and still have a cursor."""

    runs: tuple[Run, ...]
    cursor: str | None = None
    read: int = 0
    """How many runs were looked at for it."""
