"""The timeline of an execution: one row for each state that was entered, and for each attempt of a Task."""

from typing import Literal

from interlock.contract.core.base import Document
from interlock.debugger.graph import Kind, Node

Status = Literal["running", "succeeded", "caught", "failed", "aborted", "timed_out"]
_ENDINGS: tuple[tuple[str, Status], ...] = (
    ("Aborted", "aborted"),
    ("TimedOut", "timed_out"),
    ("Failed", "failed"),
    ("Succeeded", "succeeded"),
)


class TimelineRow(Document):
    """A state, or one attempt of a Task."""

    state: str
    attempt: int = 0
    start: str = ""
    """RFC 3339 in UTC; empty where the history has no times."""
    end: str = ""
    """Empty while it goes on."""
    status: Status
    path: tuple[str, ...]
    type: str = ""
    error: str = ""


def timeline(root: Node) -> list[TimelineRow]:
    """The rows of an execution, in the order in which they began."""
    over = status_of(root) != "running"
    culprits = blamed_states(root)
    rows: list[tuple[int, TimelineRow]] = []
    for node in root.walk():
        if node.kind is Kind.STATE:
            attempts = [child for child in node.children if child.kind is Kind.ATTEMPT]
            parts = attempts or [node]
            blamed = id(node) in culprits
            rows.extend((_began(part), _row(part, node, over, blamed=blamed)) for part in parts)
    return [row for _, row in sorted(rows, key=lambda row: row[0])]


def status_of(node: Node, over: bool = False) -> Status:
    """How a node ended, or that it has not.

    Args:
        node: any node of the graph.
        over: whether the execution has ended; what has no end then was aborted.

    Returns:
        `caught` for a state that went on after its last attempt failed.
    """
    own: Status | None = None
    for event in reversed(node.events):
        if event.type.endswith("StateExited"):
            return "caught" if _failed_inside(node) else "succeeded"
        if event.type in ("ExecutionStarted", "ExecutionRedriven"):
            break
        own = next((status for ending, status in _ENDINGS if event.type.endswith(ending)), None)
        if own is not None and not (own == "succeeded" and node.kind is Kind.STATE):
            return own
    if node.type == "Fail" or (node.kind is Kind.STATE and _failed_inside(node)):
        return "failed" if over or node.type == "Fail" else "running"
    return "aborted" if over else "running"


def blamed_states(root: Node) -> set[int]:
    """The states in which an execution failed, innermost and those around it, by the identity of their nodes.

    Step Functions writes no event of its own for a state that it fails itself (States.Runtime,
    States.DataLimitExceeded): the event before ExecutionFailed is the last of that state.
    """
    end = next((event for event in reversed(root.events) if event.type == "ExecutionFailed"), None)
    if end is None:
        return set()
    owners = {event.id: node for node in root.walk() for event in node.events}
    before = max((event for node in root.walk() for event in node.events if event < end), default=None)
    node = owners.get(end.previous if end.previous is not None else "") or (owners[before.id] if before else None)
    blamed: set[int] = set()
    while node is not None:
        blamed.add(id(node))
        node = node.parent
    return blamed


def _failed_inside(node: Node) -> bool:
    """Whether the last thing that happened in a state is a failure."""
    if any(event.type.endswith(("StateFailed", "EvaluationFailed")) for event in node.events[-2:]):
        return True
    attempts = [child for child in node.children if child.kind is Kind.ATTEMPT]
    return bool(attempts) and status_of(attempts[-1]) in ("failed", "timed_out")


def _row(part: Node, state: Node, over: bool, *, blamed: bool) -> TimelineRow:
    status = status_of(part, over)
    if part is not state and status == "aborted" and any(event.type.endswith("StateExited") for event in state.events):
        status = "succeeded"
    if status == "aborted" and blamed:
        status = "failed"
    running = status == "running" or (part is state and not state.closed and not over)
    events = part.events
    return TimelineRow(
        state=state.name,
        attempt=part.index or 0 if part is not state else 0,
        start=events[0].at if events else "",
        end="" if running or not events else events[-1].at,
        status=status,
        path=state.path,
        type=state.type,
        error=part.error,
    )


def _began(node: Node) -> int:
    return node.events[0].ordinal if node.events else 0
