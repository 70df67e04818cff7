"""A run and what is known of it: the items of `interlock-runs`, less their keys."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from interlock.contract.core.base import (
    AppId,
    Document,
    Json,
    Moment,
    Name,
    Semver,
    StepName,
    TenantId,
    default_install_name,
)
from interlock.contract.envelope import Cause, Effect, StepError, Trigger
from interlock.contract.language_model import ModelUse


class RunStatus(StrEnum):
    """The statuses of a run; `paused` is a running one that waits for a person."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"

    @property
    def over(self) -> bool:
        """Whether nothing more can happen."""
        return self in (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.ABORTED)


class Body(Document):
    """A JSON value in an item: in place, or in S3 above limits.INLINE_BODY_BYTES."""

    value: Json = None
    key: str = ""
    """The S3 key where the value is, if not in place."""
    size: int = 0
    digest: str = ""


class Breakpoint(Document):
    """A rule that stops a step, on a run, an install or a version: `state` is a name or a pattern as in fnmatch."""

    id: str
    state: str = "*"
    index: int | None = None
    """Only this item of the innermost Map around the state."""
    at: Literal["before", "after", "error"] = "before"
    condition: str = ""
    """JSONata over `input`, `output` and `error`; empty for always."""
    hits: int = Field(default=1, ge=1)
    """It stops at the match of this number: only there where it is `once`, else from there on."""
    once: bool = True
    until: Moment | None = None
    """It is not looked at after this time."""
    armed_by: str = ""
    armed_at: Moment


class NewDecision(Document):
    """What a person decides about a pause; `retry` runs a step again that had run before it was stopped."""

    action: Literal["go", "retry", "output", "error"]
    input: Json = None
    edited: bool = False
    """For `go`: whether `input` replaces the recorded one."""
    output: Json = None
    error: str = ""
    cause: str = ""
    step: bool = False
    """Stop the run again at its next step."""


class Decision(NewDecision):
    """What was decided about a pause, and by whom."""

    by: str = ""
    name: str = ""
    """What `by` is called in the tenant."""
    agent: bool = False
    """Whether a copilot decided, for `by`."""
    preempted: str = ""
    """Who had taken the pause when a person decided, by their name."""
    preempted_agent: bool = False
    """Whether it was their copilot that had taken it."""

    @property
    def who(self) -> str:
        """Who decided, as people call them."""
        return self.name or self.by


class Hand(Document):
    """Who has taken a pause to decide it. A person's hand keeps copilots from deciding; a copilot's keeps nobody."""

    by: str
    name: str = ""
    """What `by` is called in the tenant."""
    agent: bool
    at: Moment
    until: Moment
    preempted: str = ""
    """Whose hand was there before, by their name."""
    preempted_agent: bool = False
    """Whether that was the hand of their copilot."""

    @property
    def who(self) -> str:
        """Whose hand it is, as people call them."""
        return self.name or self.by

    def is_persons(self, at: Moment) -> bool:
        """Whether a person has the pause at a moment."""
        return not self.agent and at < self.until


class PauseStatus(StrEnum):
    """A pause is wanted by the gate, waits for a person once the callback is there, then is decided and taken."""

    WANTED = "wanted"
    WAITING = "waiting"
    DECIDED = "decided"
    TAKEN = "taken"


class Pause(Document):
    """A step that a breakpoint stopped. The task token is in the item, and in no model: it is never answered."""

    id: str
    run: str
    tenant: TenantId
    state: str
    step: StepName
    index: int | None = None
    digest: str
    """Of what the workflow passed."""
    at: Literal["before", "after", "error"]
    status: PauseStatus
    breakpoint: str
    armed_by: str
    since: Moment
    until: Moment | None = None
    input: Body
    output: Body | None = None
    error: StepError | None = None
    decision: Decision | None = None
    claimant: str = ""
    """By which name the visit claims what its fork reuses; the same before and after the pause."""
    taken_at: str = ""
    """When the state was entered that took the decision: later attempts of that visit hold to it."""
    hand: Hand | None = None
    """Who has taken it."""
    approval: str = ""
    """The approval that it waits for: the people whom that names decide, and nobody resumes it."""
    again: bool = False
    """The engine forgot its token in a restart: the gate stops the recovered run here again, under the same id."""


class Failed(Document):
    """Why a run failed: the first cause."""

    error: str
    cause: str = ""
    state: str = ""
    index: int | None = None
    attempt: int = 0
    frame: str = ""
    """`file:line in function` of the innermost frame of publisher code."""


class Usage(Document):
    """What a run used."""

    steps: int = 0
    step_ms: float = 0.0
    attempts: int = 0
    effects: int = 0
    largest_bytes: int = 0
    """The largest input or output of a step, whole."""
    largest: str = ""
    """Which one that is: `output of Load[2]`."""
    model: ModelUse = Field(default_factory=ModelUse)
    """Its calls of language models, once it is over."""
    dollars: float = 0.0
    """What AWS and the models ask for it, once it is over: an estimate by the prices of `interlock.contract.price`."""


class Fork(Document):
    """How a run came from another one, its parent: what it reuses, and from where it runs (docs/adr/0011)."""

    parent: str
    root: str
    """The run at the beginning of the chain: the one that is no fork."""
    depth: int = 1
    at: str = ""
    """The visit from which it runs, `STATE`, `STATE[INDEX]` or `STATE@ORDINAL`; empty where every step runs."""
    point_state: str = ""
    point_index: int | None = None
    upstream: tuple[str, ...] = ()
    """States that lie before the fork point: a visit of one that no record answers stops the fork."""
    dry: bool = False
    """Effects are captured, none is performed; reads are answered from the parent's journal."""
    differing: Literal["stop", "run", "reuse"] = "stop"
    """What happens where an input differs from the recorded one though no edit touched it."""
    edited: bool = False
    """The fork point got another input than the parent's."""
    revised: bool = False
    """It runs another version than its parent: what the fork point is given may differ too."""
    input: Body | None = None
    """The fork point's input, where it was edited."""


class Run(Document):
    """One execution of a workflow for an install."""

    id: str
    tenant: TenantId
    install: str
    app: AppId
    install_name: str = Field(default_factory=default_install_name)
    version: Semver
    workflow: Name
    trigger: Trigger
    status: RunStatus
    execution: str
    """The execution's ARN."""
    title: str = ""
    """What it is called in lists: its workflow's template, filled with what it started with."""
    started: Moment
    ended: Moment | None = None
    input: Body
    output: Body | None = None
    failed: Failed | None = None
    usage: Usage = Field(default_factory=Usage)
    trace: str = ""
    breakpoints: tuple[Breakpoint, ...] = ()
    unsettled: bool = False
    """It is over, and what its end brings besides may not all be done: the quota's place, its approvals, its usage."""
    open_pauses: int = 0
    paused_ms: int = 0
    deadline_s: int | None = None
    """The workflow's own TimeoutSeconds; time in pauses does not count."""
    recovered: int = 0
    """How often the local platform started it again after a restart; its earlier records are served, not run."""
    fork: Fork | None = None
    config: dict[str, Json] = Field(default_factory=dict)
    """The install's config as it was when the run started; the whole run sees this one."""
    redact: tuple[str, ...] = ()
    """Rules of sensitive fields, of the manifest and the tenant, as they were when the run started."""
    tags: tuple[str, ...] = ()
    ordering_key: str = ""
    """Its ordering key, where its trigger asks for order: the next run of the key begins when this one is over."""
    stop: str = ""
    """Who stopped it, and why."""
    fingerprint: str = ""
    """The same for failures of the same kind at the same place; empty unless it failed."""
    history_full: bool = False
    """The gate counted so many records that every later visit fails as `Interlock.HistoryFull`."""

    @property
    def dry(self) -> bool:
        """Whether the run performs no effect."""
        return self.fork is not None and self.fork.dry

    def cause(self) -> Cause:
        """What an event about the run, or of it, says about where it came from."""
        hops, ancestry = self.trigger.hops, self.trigger.ancestry
        return Cause(
            run=self.id,
            install=self.install,
            install_name=self.install_name,
            app=self.app,
            hops=hops,
            ancestry=ancestry,
        )


class RecordStatus(StrEnum):
    """`started` without an end means that nobody knows whether the step ran to its end."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class StepRecord(Document):
    """What the gate recorded of one attempt of one step."""

    run: str
    execution: str
    """The execution's name, so that a recovered run tells its generations apart."""
    state: str
    step: StepName
    entered: str
    redrive: int = 0
    index: int | None = None
    attempt: int = 0
    nonce: str = ""
    digest: str
    """sha256 of the input's canonical JSON, blobs put back."""
    status: RecordStatus
    started: Moment
    ended: Moment | None = None
    duration_ms: float = 0.0
    step_ms: float = 0.0
    cold: bool = False
    input: Body
    output: Body | None = None
    error: StepError | None = None
    summary: str = ""
    """What the step said of its work, in a line: `ctx.summary`."""
    effects: tuple[Effect, ...] = ()
    effects_key: str = ""
    reused: str = ""
    """The key of the record that this one's result was served from; or in words, without a `#`, what was in the step's
    place: who decided, or that nobody was asked."""
    copy_of: str = ""
    """The visit that was copied, where `reused` says something else in words."""
    asked: str = ""
    """The replay digest of what the workflow passed, where that is not `digest`: the input was edited, or holds the
    cause of an error; else empty."""
    stopped: bool = False
    """A breakpoint stopped the visit after this: another visit of the state says how it went on."""
    replaces: str = ""
    """The key of the parent's record in whose place a fork ran this one."""
    sensitive: tuple[str, ...] = ()
    """JSON pointers of what the step's types call sensitive, under `/input` and `/output`; `*` is any index or key."""
    log_group: str = ""
    log_request: str = ""
    dry: bool = False
    tags: tuple[str, ...] = Field(default=())

    @property
    def copied(self) -> bool:
        """Whether it is a copy of another execution's record."""
        return "#" in self.reused or bool(self.copy_of)


class Outline(StepRecord):
    """A record without what makes it large: bodies by their digests, an error without frames, effects as one digest."""

    key: str = ""
    """Its sort key: a page that begins behind it begins with the next record."""
    effects_digest: str = ""
    """Of what the effects asked and got, less durations; empty where only the whole record tells."""


class OutlinePage(Document):
    """One page of outlines of step records."""

    steps: tuple[Outline, ...]
    cursor: str | None = None


class StepPage(Document):
    """One page of step records."""

    steps: tuple[StepRecord, ...]
    cursor: str | None = None


class PauseList(Document):
    """The pauses of a run."""

    pauses: tuple[Pause, ...]
