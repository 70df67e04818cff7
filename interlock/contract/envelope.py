"""What crosses the borders of a step: workflow -> gate -> step function -> gate.

`GateRequest` is what a compiled Task sends (source: ADR 0004). `StepRequest` and `StepAnswer` cross the only border
to publisher code; both are plain JSON of at most 6 MB (Lambda's limit of a synchronous payload).
"""

import re
from typing import Literal

from pydantic import Field

from interlock.contract.core.base import (
    AppId,
    Document,
    Json,
    Model,
    Moment,
    Name,
    Semver,
    StepName,
    TenantId,
    default_install_name,
)
from interlock.contract.own_code import is_own_code
from interlock.contract.stand_in import HttpStandIn, ModelStandIn

_PAUSE = re.compile(r"\bpause ([0-9A-Za-z_-]+): ")


class GateRequest(Document):
    """What a compiled Task sends to the gate; every field but `input` comes from the context object."""

    run: str
    state: str
    step: StepName
    entered: str
    redrive: int = 0
    retry: int = 0
    index: int | None = None
    nonce: str = ""
    studio: bool = False
    """The Task was written as Workflow Studio's `lambda:invoke`: the answer is wrapped in `Payload`."""
    input: Json = None


class PauseRequest(Document):
    """What the callback state of a level sends for a Task that was stopped in it (ADR 0024)."""

    run: str
    state: str
    cause: str
    """Of `Interlock.Paused`, as Step Functions has it of a function: JSON with `errorMessage`."""
    token: str = Field(repr=False)
    """It never leaves the pause item."""

    @property
    def pause(self) -> str:
        """The id of the pause that the gate wrote; empty where the cause names none."""
        match = _PAUSE.search(self.cause)
        return match.group(1) if match else ""


def paused_message(pause: str, what: str) -> str:
    """The message of `Interlock.Paused`: it carries the pause's id to the callback state."""
    return f"pause {pause}: {what}"


class Trigger(Model):
    """Where a run came from.

    `id` is the change id of an event, the schedule's time, or the caller's idempotency key; `event` is the whole
    EventBridge event for `kind == "event"`; `hops` counts the runs that led to this one.
    """

    kind: Literal["event", "schedule", "tool", "api", "fork"]
    name: str
    id: str
    event: Json = None
    hops: int = 0
    ancestry: tuple[str, ...] = ()
    actor: str = ""


class Cause(Model):
    """What led to a change or an emitted event: the run that did it, and how long the chain behind it is."""

    run: str
    install: str
    install_name: str = ""
    app: AppId
    hops: int
    ancestry: tuple[str, ...] = ()


class StepContext(Document):
    """Who is running: handed to the step as `ctx`, and kept in the step record."""

    run: str
    tenant: TenantId
    install: str
    app: AppId
    install_name: str = Field(default_factory=default_install_name)
    """What the tenant calls the install, among those of the app."""
    version: Semver
    workflow: Name
    state: str
    step: StepName
    index: int | None = None
    """Of its item, where a Map runs it."""
    attempt: int = 0
    visit: str
    """The same for every try of one entry into a state: an idempotency key for calls to other systems."""
    trigger: Trigger
    config: dict[str, Json] = Field(default_factory=dict)
    egress: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    trace: str = ""


class Session(Document):
    """Short-lived credentials of one install, vended by the gate, and where they are good for. Never recorded."""

    access_key_id: str
    secret_access_key: str = Field(repr=False)
    session_token: str = Field(repr=False)
    ticket: str = Field(repr=False)
    """Signed by the gate: says which run, state and attempt a call to the runtime API comes from."""
    region: str
    api_url: str
    """Base of the runtime API, no trailing slash: `{api_url}/runtime/assets`."""
    api_host: str = ""
    """The Host header where it differs from the URL's (the embedded engine's HTTP APIs)."""
    endpoint_url: str = ""
    """The endpoint of every AWS service where it is not AWS's own (the embedded engine)."""
    bucket: str
    state_prefix: str
    """Keys of `ctx.state` are `{state_prefix}{key}` in `bucket`."""
    secrets_prefix: str
    """Secrets of the install are named `{secrets_prefix}{name}` in Secrets Manager."""


class StepRequest(Document):
    """What the gate sends to the step function.

    A version keeps the SDK that it was published with, and the gate goes on: a field that an older one does not know is
    ignored there.
    """

    handler: str
    """`package.module:function`, from the manifest."""
    input: Json
    context: StepContext
    session: Session | None = None
    dry: bool = False
    """Capture effects, perform none; reads are answered from `journal` where it has them."""
    journal: tuple["Effect", ...] = ()
    redact: tuple[str, ...] = ()
    """Rules of sensitive fields, of the manifest and the tenant (see interlock.contract.sensitive)."""
    run: str = ""
    """The run that log lines belong to, where `context` names another: a dry fork's steps see its parent's id."""
    http: tuple[HttpStandIn, ...] | None = None
    """Of a golden test: what URLs answer, in place of the network."""
    model: tuple[ModelStandIn, ...] | None = None
    """Of a golden test: what the language model answers; None calls the operator's."""
    check: Literal["", "input", "output"] = ""
    """Only tell whether `input` fits the type of the step's input or output; the step is not called."""


class Effect(Document):
    """One call that a step made through its context, with its result."""

    seq: int
    kind: Literal["catalog", "emit", "state", "secret", "http", "model"]
    op: str
    """`get`, `search`, `upsert`, `tag`, `emit`, `put`, `delete`, `keys`, `converse`, or the HTTP method."""
    request: Json
    result: Json = None
    error: str = ""
    duration_ms: float = 0.0
    performed: bool = True
    """False where a dry run captured it."""


class Frame(Document):
    """One frame of publisher code, innermost last; `locals` are shortened and redacted."""

    file: str
    line: int
    function: str
    source: tuple[str, ...] = ()
    """Up to five lines of source around `line`."""
    source_start: int = 0
    locals: dict[str, str] = Field(default_factory=dict)
    touched: dict[str, str] = Field(default_factory=dict)
    """What the failing line reads of the step's input: path such as `customer.orders[0]` to shortened value."""


class CausedBy(Document):
    """One error of a chain: `how` it belongs to the one before it, and where the app's own code raised it.

    `raised` is the error itself. It came from a `cause` (`raise … from`), from a `context` (it was being handled), from
    a `member` of a group, or from one that it `wrapped`, as a RetryError does. `beside` is another member of the same
    group, `hidden` is what `from None` hides, `expected` was being handled by code that goes another way then, and
    `later` is one that failed after the error had been caught, which was then raised again; none of these is the root
    cause.
    """

    how: Literal["raised", "cause", "context", "member", "wrapped", "beside", "hidden", "expected", "later"]
    name: str
    message: str = ""
    file: str = ""
    """Of the innermost frame of the app's own code; empty where it has none."""
    line: int = 0
    function: str = ""


MAX_CAUSES = 12
"""The errors of a chain that are recorded; of a longer chain, the first ones and the root cause."""


class StepError(Document):
    """An error of a step as data. `name` is what Retry and Catch match."""

    name: str
    type: str
    message: str = ""
    """Empty for an error that was raised without one, such as that of `assert False`."""
    retryable: bool | None = None
    frames: tuple[Frame, ...] = ()
    """Of the app's own code, down to the root cause's innermost one."""
    causes: tuple[CausedBy, ...] = ()
    """The chain down to the root cause, the error itself first; empty for an error that has no chain."""

    @property
    def own_frame(self) -> Frame | None:
        """The innermost frame of the app's own code: the failing line. None where no own code had a part in it."""
        return next((frame for frame in reversed(self.frames) if is_own_code(frame.file)), None)


class Timing(Document):
    """Times of one attempt, measured in the step's process."""

    started: Moment
    duration_ms: float
    cold: bool = False
    max_memory_mb: int | None = None


class StepAnswer(Document):
    """What the step function answers, for a success (`error` is None) and for a failure."""

    output: Json = None
    error: StepError | None = None
    summary: str = ""
    effects: tuple[Effect, ...] = ()
    sensitive: tuple[str, ...] = ()
    """See StepRecord.sensitive."""
    timing: Timing
