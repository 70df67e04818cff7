"""Which states and ways a run passed, by its history. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from interlock.contract.asl import PAUSED_SUFFIX
from interlock.contract.run_graph import ItemCounts, StateStatus
from interlock.debugger.graph import Kind, Node
from interlock.debugger.levels import Levels
from interlock.debugger.passages import Passages
from interlock.debugger.timeline import Status, blamed_states, status_of

_STATUSES: dict[Status, StateStatus] = {
    "running": StateStatus.RUNNING,
    "succeeded": StateStatus.SUCCEEDED,
    "caught": StateStatus.CAUGHT,
    "failed": StateStatus.FAILED,
    "aborted": StateStatus.ABORTED,
    "timed_out": StateStatus.FAILED,
}
_LEVELS = (Kind.EXECUTION, Kind.BRANCH, Kind.ITERATION)


def passages_of(levels: Levels, root: Node) -> Passages:
    """What a run passed, state by state.

    Args:
        levels: the workflow.
        root: the graph of the run's history, which is whole.
    """
    passages = Passages()
    over = status_of(root) != "running"
    culprits = blamed_states(root)
    iterations: dict[str, list[Node]] = defaultdict(list)
    for node in root.walk():
        if node.kind is Kind.ITERATION:
            iterations[node.name].append(node)
        if node.kind not in _LEVELS:
            continue
        visits = list(_visits(node, levels))
        _ways(levels, passages, visits, over=over)
        for visit in visits:
            status = _STATUSES[status_of(visit, over)]
            is_blamed = status is StateStatus.ABORTED and id(visit) in culprits
            passages.counts[visit.name][StateStatus.FAILED if is_blamed else status] += 1
    for name in levels.states:
        if levels.kind(name) == "Map" and name in passages.counts:
            passages.items[name] = _items(root, name, iterations[name], over=over)
    return passages


def _visits(level: Node, levels: Levels) -> Iterator[Node]:
    """The states of a level in their order; a Task that was stopped is entered again when the run goes on."""
    states = [node for node in level.children if node.kind is Kind.STATE]
    for node, after in zip_longest(states, states[1:]):
        is_stopped = after is not None and after.name.endswith(PAUSED_SUFFIX)
        if node is not None and node.name in levels.states and not is_stopped:
            yield node


def _ways(levels: Levels, passages: Passages, visits: Sequence[Node], *, over: bool) -> None:
    for node, after in pairwise(visits):
        is_caught = status_of(node, over) == "caught"
        edges = [edge for edge in levels.out[node.name] if edge.target == after.name]
        fitting = [edge for edge in edges if (edge.kind == "catch") is is_caught] or edges
        for edge in fitting:
            passages.take(edge, certain=len(fitting) == 1)


def _items(root: Node, name: str, iterations: Sequence[Node], *, over: bool) -> ItemCounts:
    statuses = [status_of(node, over) for node in iterations]
    lengths = [
        int(event.details["length"])
        for node in root.walk()
        if node.kind is Kind.STATE and node.name == name
        for event in node.events
        if event.type == "MapStateStarted" and isinstance(event.details.get("length"), int)
    ]
    return ItemCounts(
        total=sum(lengths) if lengths else None,
        begun=len(iterations),
        ended=statuses.count("succeeded"),
        failed=statuses.count("failed"),
    )
