"""Why a run failed: the first cause with its place, what it read, and what differs from the last good run."""

from enum import StrEnum

from pydantic import Field

from interlock.contract.core.base import Document, Moment
from interlock.contract.envelope import CausedBy


class CauseKind(StrEnum):
    """What kind of thing failed first."""

    STEP = "step"
    """A step raised."""
    DATA = "data"
    """A step's input or result is not what its types say."""
    ENDED = "ended"
    """A step's process ended, or ran out of time, without an answer."""
    UNKNOWN_END = "unknown-end"
    """A step began and nobody knows how it ended."""
    STATE = "state"
    """A state of the workflow failed in Step Functions itself: an expression, a path, a Choice, a size."""
    FAIL = "fail"
    """A Fail state was reached."""
    PLATFORM = "platform"
    """The gate refused or could not serve a step."""
    PERSON = "person"
    """Somebody failed a paused step, or stopped the run."""


class StatePlace(Document):
    """Where a state is written, as `file` in the bundle and `line` from 1; 0 where it is not known."""

    file: str
    line: int = 0
    source: tuple[str, ...] = ()
    """Lines around `line`, the first one at `source_start`."""
    source_start: int = 0


class Places(Document):
    """Where a version's states and steps are written."""

    workflows: dict[str, dict[str, StatePlace]] = Field(default_factory=dict)
    """By workflow and state."""
    steps: dict[str, StatePlace] = Field(default_factory=dict)
    """By step: the line of its function's `def`."""


class Touched(Document):
    """A part of the input that the failing line read, and where it came from."""

    path: str
    value: str
    odd: str = ""
    """What is odd about it: `missing`, `null`, or the type that the last good run had there."""
    origin: str = ""
    """`STATE: output.path` of the earlier state whose output the value is, or `run: input.path`."""


class Difference(Document):
    """One thing in which the last good run differs.

    `what` is version, install, config, input, step input, effect, process, or `output of STATE`. Without `good` and
    `now`, `where` says how many more there are.
    """

    what: str
    where: str = ""
    good: str = ""
    now: str = ""


class Explanation(Document):
    """Why a run failed. Values are shortened, and secrets redacted."""

    run: str
    app: str
    version: str
    workflow: str
    dry: bool = False
    """It was a dry run: no effect was performed."""
    kind: CauseKind
    state: str = ""
    index: int | None = None
    """The item of the innermost Map around the state."""
    around: tuple[str, ...] = ()
    """The Parallel and Map states around it, outermost first."""
    step: str = ""
    attempt: int = 0
    """Which attempt of the state failed with it, from 0."""
    attempts: int = 0
    error: str
    message: str = ""
    file: str = ""
    """In the bundle; empty where it is not known."""
    line: int = 0
    function: str = ""
    source: tuple[str, ...] = ()
    """Lines of source around `line`, the first one at `source_start`."""
    source_start: int = 0
    locals: dict[str, str] = Field(default_factory=dict)
    touched: tuple[Touched, ...] = ()
    causes: tuple[CausedBy, ...] = ()
    """The chain from the error down to its root cause, which `file` and `line` show; empty where there is no chain."""
    later: tuple[str, ...] = ()
    """How the later attempts of the state failed, where they failed otherwise."""
    handled: tuple[str, ...] = ()
    """Failures before it that the workflow caught and went on from."""
    retried: tuple[str, ...] = ()
    """States of the run whose first attempts failed and a later one succeeded."""
    calls: tuple[str, ...] = ()
    """Calls of the failing attempt through its context that failed or answered nothing."""
    cascade: tuple[str, ...] = ()
    """What followed from it: the states that failed after it, up to the run's end."""
    good_run: str = ""
    """The last good run of the workflow for this tenant; empty where there is none."""
    differences: tuple[Difference, ...] = ()
    not_compared: tuple[str, ...] = ()
    """What could not be compared with the good run, with the reason."""
    fingerprint: str = ""
    commands: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`file:line`, `file`, or empty."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file

    @property
    def where(self) -> str:
        """The state with its item, `STATE[2]`."""
        return f"{self.state}[{self.index}]" if self.index is not None else self.state


class ExplanationView(Document):
    """What `GET …/explain` answers: the explanation, and the same as plain lines."""

    explanation: Explanation
    text: str


class FailureGroup(Document):
    """Failures of one kind at one place."""

    fingerprint: str
    app: str
    workflow: str
    error: str
    state: str = ""
    where: str = ""
    """`file in function` of the innermost frame, without its line."""
    message: str = ""
    """Of the last failure."""
    run: str
    """The last failed run."""
    count: int = 0
    days: dict[str, int] = {}
    """Failures of each of the last 30 days (UTC, `2026-01-31`) that had one."""
    first: Moment
    last: Moment


class FailureGroups(Document):
    """One page of groups, the one that failed last first."""

    groups: tuple[FailureGroup, ...]
    cursor: str | None = None
