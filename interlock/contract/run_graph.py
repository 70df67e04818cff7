"""The graph of a run: the states of its workflow as its app wrote it, with what the run did in each."""

from enum import StrEnum
from typing import Literal

from interlock.contract.core.base import Document, Moment


class StateStatus(StrEnum):
    """What became of a state in a run, or of one visit of it.

    `reused`: a record of another run answered it. `caught`: it failed, and the workflow handled the failure. `skipped`:
    the run is past it and did not enter it. `unknown`: the records leave it open, which the run's history does not.
    """

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    REUSED = "reused"
    CAUGHT = "caught"
    FAILED = "failed"
    ABORTED = "aborted"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class ItemCounts(Document):
    """How many items a Map has; those that enter no Task are not in the records."""

    total: int | None = None
    """None where that is not certain: the items depend on what is made new each time, or the Map is entered again."""
    begun: int = 0
    ended: int = 0
    failed: int = 0


class GraphState(Document):
    """A state of the workflow, and all visits of it in the run."""

    name: str
    kind: Literal["Task", "Choice", "Map", "Parallel", "Pass", "Wait", "Succeed", "Fail"]
    container: str = ""
    """The Map or Parallel that it is in; empty at the top."""
    branch: int = 0
    """Which branch of the Parallel it is in, from 0."""
    order: int
    """Its place in the flow, from 0: a container is before what is in it."""
    start: bool = False
    """Whether its level begins with it."""
    end: bool = False
    """Whether its level may end with it."""
    step: str = ""
    """The step that a Task calls."""
    status: StateStatus
    counts: dict[StateStatus, int] = {}
    """How many visits have each status: items of a Map and rounds of a loop are visits."""
    attempts: int = 0
    """Attempts of all its visits."""
    items: ItemCounts | None = None
    """Of a Map."""
    error: str = ""
    """The name of the last error of a visit."""
    started: Moment | None = None
    """When it was first entered."""
    ended: Moment | None = None
    """When its last visit ended; None while one goes on."""
    duration_ms: float = 0.0
    """From `started` to `ended`."""
    largest_bytes: int = 0
    """The largest input or output of a visit."""


class GraphEdge(Document):
    """A way from one state to another in the same level."""

    source: str
    target: str
    kind: Literal["next", "choice", "default", "catch"]
    label: str = ""
    """The condition of a Choice, or the errors of a Catch."""
    taken: bool | None = False
    """Whether the run went this way; None where the records leave it open."""


class RunGraph(Document):
    """The workflow of a run, state by state, with what the run did in each."""

    run: str
    status: str
    workflow: str
    source: Literal["records", "history"]
    """What tells the Choice and Pass states: the history, where it is stored already, else the order of the records."""
    poll_s: int = 0
    """In how many seconds it is worth asking again: the longer the run, the more; 0 where nothing changes any more."""
    states: tuple[GraphState, ...]
    edges: tuple[GraphEdge, ...]
