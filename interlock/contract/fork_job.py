"""Fork jobs: the failed runs that match a filter are counted, then forked page by page."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from interlock.contract.core import limits
from interlock.contract.core.base import Document, Model, Moment
from interlock.contract.fork import ForkRequest

FilterText = Annotated[str, StringConstraints(max_length=200)]


class ForkJobFilter(Model):
    """Which failed runs a job forks: every field that is given must hold. An unknown field is refused."""

    app: FilterText = ""
    install: FilterText = ""
    """The name or the id of the install."""
    version: FilterText = ""
    workflow: FilterText = ""
    state: FilterText = ""
    """The state that failed."""
    error: FilterText = ""
    """The name of the first cause's error, or the end of it: `Timeout` finds `States.Timeout`."""
    fingerprint: FilterText = ""
    tag: FilterText = ""
    since: FilterText = ""
    until: FilterText = ""
    """When a run started: RFC 3339 in UTC, or a span back from now such as `2h`."""


class ForkJobRequest(Model):
    """Which runs are forked, and how."""

    filter: ForkJobFilter = Field(default_factory=ForkJobFilter)
    fork: ForkRequest = Field(default_factory=ForkRequest)
    """The fork of each run; its `key` must be empty, because the job gives each fork its own."""
    limit: int = Field(default=limits.FORK_JOB_RUNS, ge=1, le=limits.FORK_JOB_RUNS)
    """At most so many runs are forked; runs that are skipped do not count."""
    count_only: bool = False
    """Count the runs, and fork none of them."""
    key: str = Field(default="", max_length=limits.IDEMPOTENCY_KEY_CHARS)
    """The same key is the same job; without a key each request begins a new one."""


class ForkJobStatus(StrEnum):
    """A job counts all its runs before it forks the first one."""

    COUNTING = "counting"
    FORKING = "forking"
    DONE = "done"
    STOPPED = "stopped"
    """A person stopped it: the forks that it requested go on."""

    @property
    def over(self) -> bool:
        """Whether the job forks no further run."""
        return self in (ForkJobStatus.DONE, ForkJobStatus.STOPPED)


class ForkSkip(StrEnum):
    """Why a run that matches is not forked."""

    REDRIVEN = "redriven"
    """A fork of it, or a fork of such a fork, succeeded."""
    UNDER_WAY = "under-way"
    """A fork of it is not over."""
    DRY = "dry"
    """It was a dry run: it had no effects that are worth repeating."""
    FORK = "fork"
    """It is a fork of another run that matches, and that run is forked instead."""


class ForkJobRow(Document):
    """What became of one run: it has a fork, or a reason to be skipped, or the error that refused its fork."""

    run: str
    fork: str = ""
    skip: ForkSkip | None = None
    code: str = ""
    """The code of the error."""
    what: str = ""
    """The sentence of the error; only the first errors of a job have it (limits.FORK_JOB_ERRORS)."""


class ForkJobSummary(Document):
    """A fork job and its counts."""

    id: str
    tenant: str
    request: ForkJobRequest
    status: ForkJobStatus = ForkJobStatus.COUNTING
    total: int = 0
    """Runs that match."""
    forked: int = 0
    skipped: dict[ForkSkip, int] = Field(default_factory=dict[ForkSkip, int])
    """How many runs were skipped, by reason."""
    failed: int = 0
    """Runs whose fork was refused."""
    more: bool = False
    """More runs match than the job takes: another job forks them later."""
    started: Moment
    ended: Moment | None = None
    by: str = ""
    stopped_by: str = ""


class ForkJob(ForkJobSummary):
    """A fork job and its progress, run by run."""

    since: Moment | None = None
    until: Moment
    """Runs that started later are not looked at: the job's own forks are among them."""
    cursor: str | None = None
    """Where counting goes on."""
    waiting: tuple[str, ...] = ()
    """Runs that are forked next."""
    rows: tuple[ForkJobRow, ...] = ()


class ForkJobPage(Document):
    """Fork jobs of a tenant, the newest first. A page may be short and not the last."""

    jobs: tuple[ForkJobSummary, ...]
    cursor: str | None = None
