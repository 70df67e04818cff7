"""What each state of a run did with its data: its input, each stage after it, its output."""

from pydantic import Field

from interlock.contract.core.base import Document, Json


class Stage(Document):
    """One stage of a state's data flow: the field that made it, and the value after it."""

    name: str
    value: Json = None


class StateFlow(Document):
    """One entry into a state."""

    state: str
    type: str
    path: tuple[str, ...]
    """The states around it and itself: `[2]` for an item of a Map, `{1}` for a branch of a Parallel."""
    input: Json = None
    output: Json = None
    error: str = ""
    """The error that it failed with, or that its Catch took."""
    cause: str = ""
    next: str = ""
    rule: int | None = None
    """The place of the Choice's rule that matched, from 0; None for its Default, and for other states."""
    items: int | None = None
    """How many items a Map has; None for other states."""
    attempts: int = 0
    stages: tuple[Stage, ...] = Field(default=())
    large: dict[str, int] = Field(default_factory=dict)
    """The bytes of values that are left out because they are above limits.FLOW_VALUE_BYTES, by `input`, `output` or the
    name of a stage."""
    exact: bool = True
    """Whether what was recorded of the state is what was computed; only a Task can tell."""
    over: bool = True
    """Whether the state was left; False for what a run in flight is in."""
    entered: str = ""
    """Of a Task: the `entered` of its records; empty where there are none."""
    digest: str = ""
    """Of a Task: the `digest` of its records."""

    @property
    def index(self) -> int | None:
        """The item of the innermost Map around it."""
        marks = [mark for mark in self.path[1:-1:2] if mark.startswith("[")]
        return int(marks[-1][1:-1]) if marks else None


class StateFlowPage(Document):
    """One page of the data flow of a run's states, in the order in which they were entered."""

    flows: tuple[StateFlow, ...]
    cursor: str | None = None
