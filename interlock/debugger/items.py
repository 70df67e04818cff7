"""The items of every Map around a visit, from the history: the context object has the innermost one only. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from interlock.contract.fork import Position
from interlock.contract.run import StepRecord
from interlock.debugger.flow import Flow
from interlock.debugger.graph import Kind, Node

Visit = tuple[str, str, int | None]
"""The state, when it was entered, and the item of the innermost Map around it, as a step record has them."""
Items = Mapping[Visit, tuple[int, ...]]


def is_nested(flow: Flow, states: Iterable[str]) -> bool:
    """Whether one of these states is in a Map that is in a Map."""
    return any(len(flow.places[state].maps) > 1 for state in states if state in flow.places)


def nested_items(root: Node) -> Items:
    """The items of the Maps around each visit of a state in a Map in a Map, outermost first.

    A visit that is not told from another one, because both were entered within the same millisecond, is left out.
    """
    items: dict[Visit, set[tuple[int, ...]]] = defaultdict(set)
    for node in root.walk():
        indexes = _indexes(node)
        if node.kind is Kind.STATE and node.events and len(indexes) > 1:
            items[node.name, node.events[0].at, indexes[-1]].add(indexes)
    return {visit: next(iter(rows)) for visit, rows in items.items() if len(rows) == 1}


def place_text(record: StepRecord, items: Items) -> str:
    """A visit with the items of the Maps around it, outermost first: `Inner[1][2]`."""
    indexes = items.get((record.state, record.entered, record.index))
    if indexes is None:
        return str(Position(record.state, record.index))
    return record.state + "".join(f"[{index}]" for index in indexes)


def _indexes(node: Node) -> tuple[int, ...]:
    indexes: list[int] = []
    inner: Node | None = node
    while inner is not None:
        if inner.kind is Kind.ITERATION and inner.index is not None:
            indexes.append(inner.index)
        inner = inner.parent
    return tuple(reversed(indexes))
