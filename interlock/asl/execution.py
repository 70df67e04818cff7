"""What a run of a workflow in process takes and gives."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from interlock.asl.clock import Clock
from interlock.asl.flow import Stage
from interlock.asl.values import MAX_BYTES, Json, Object


@dataclass(frozen=True)
class TaskCall:
    """One attempt of a Task.

    Attributes:
        state: the state's name.
        resource: its Resource as it is written.
        input: what it passes, after InputPath and Parameters or Arguments.
        attempt: 0 at first, then the number of the retry.
        path: the branches and items around it, such as `Each/2`.
        context: the context object.
        order: the visit's place among the entries into states, as `Visit.order`.
    """

    state: str
    resource: str
    input: Json
    attempt: int
    path: str
    context: Object
    order: int = 0


Task = Callable[[TaskCall], Json]
"""Does a Task's work and answers its result; raises StatesError for an error that Retry and Catch may match."""


class Unanswered(Exception):
    """The work of a Task has no answer, so nothing behind it happens; other branches and items go on."""

    def __init__(self, *, begun: bool) -> None:
        """Take whether the work has begun, as far as anybody knows."""
        super().__init__()
        self.begun = begun


@dataclass(frozen=True)
class Visit:
    """One entry into a state.

    Attributes:
        state: its name.
        kind: its Type.
        path: the branches and items around it; empty at the top.
        input: the raw input.
        output: what it handed on; None where it failed.
        error: the error's name where it failed or was caught.
        cause: the error's cause.
        next: the state that followed.
        rule: the place of a Choice's rule that matched; None for Default and other states.
        attempts: how often its work was done.
        stages: the stages of the data flow.
        entered: when.
        exited: when.
        order: its place among the entries into states; visits themselves are in the order of their ends.
        left: whether it ended, well or not; False where the work of a Task did not answer.
        items: how many items a Map has; None where it did not come to them, and for other states.
    """

    state: str
    kind: str
    path: str
    input: Json
    output: Json
    error: str | None
    cause: str | None
    next: str | None
    rule: int | None
    attempts: int
    stages: tuple[Stage, ...]
    entered: datetime
    exited: datetime
    order: int
    left: bool
    items: int | None = None


@dataclass(frozen=True)
class Execution:
    """A run that is over.

    Attributes:
        status: SUCCEEDED, FAILED or TIMED_OUT.
        output: the workflow's output; None unless it succeeded.
        error: the error's name; None where it succeeded, or failed in a Fail state without Error.
        cause: the error's cause.
        visits: every entry into a state, in the order of their ends.
    """

    status: str
    output: Json
    error: str | None
    cause: str | None
    visits: tuple[Visit, ...]

    @property
    def succeeded(self) -> bool:
        """Whether the run reached its end."""
        return self.status == "SUCCEEDED"

    def visits_of(self, state: str) -> tuple[Visit, ...]:
        """The visits of one state."""
        return tuple(visit for visit in self.visits if visit.state == state)


@dataclass(frozen=True)
class Settings:
    """What a run has beside its definition and its input.

    Attributes:
        task: does the work of Tasks.
        clock: the time.
        name: the execution's name.
        machine: the state machine's name.
        variables: variables that are set before the first state.
        context: parts of the context object in place of the usual ones.
        max_bytes: the largest value that a state may take or hand on.
    """

    task: Task
    clock: Clock
    name: str = "run"
    machine: str = "workflow"
    variables: Object = field(default_factory=dict[str, Json])
    context: Object = field(default_factory=dict[str, Json])
    max_bytes: int = MAX_BYTES
